"""A real LibreOffice, warm and cold, in the jail and without: what it makes, what it must not do, how it ends."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.status import CONVERTER_DIED, PART_ENCRYPTED, PART_UNREADABLE
from smtpfax.sandbox import office as office_module
from smtpfax.sandbox.office import Office, OfficeFile, OfficeLimits, find
from tests.render.office_files import (
    docx,
    docx_of_pages,
    docx_with_picture_at,
    endless_xlsx,
    excel_xml,
    fodt,
    odp,
    ods_with_macro,
    odt,
    odt_with_picture_at,
    rtf,
    wk1,
    write,
    xls_of_excel_2,
    xlsb,
    xlsx,
)

ROOT = Path(__file__).parents[2]
MAKER = Path(__file__).with_name("office_maker.py")
PROGRAM = find() or Path("/nonexistent")


def bubblewrap_works() -> bool:
    tried = ["bwrap", "--unshare-user", "--unshare-net", "--ro-bind", "/", "/", "true"]
    return shutil.which("bwrap") is not None and subprocess.run(tried, check=False).returncode == 0


def bridge_works() -> bool:
    tried = ["/usr/bin/python3", "-I", "-c", "import uno, unohelper"]
    return Path(tried[0]).exists() and subprocess.run(tried, check=False, capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(find() is None, reason="LibreOffice is not installed on this machine")
walled = pytest.mark.skipif(not bubblewrap_works(), reason="bubblewrap does not work on this machine")
bridged = pytest.mark.skipif(not bridge_works(), reason="python3-uno is not installed on this machine")
MODES = [
    pytest.param("always warm", marks=[walled, bridged]),
    pytest.param("never warm", marks=bridged),
    "never cold",
]


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("left")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    before = pipes()
    yield
    assert list(folder.iterdir()) == []
    left, patience = pipes() - before, time.monotonic() + 30
    while any(pipe.exists() for pipe in left) and time.monotonic() < patience:
        time.sleep(0.05)  # those of tests beside this one go by themselves
    assert [pipe for pipe in left if pipe.exists()] == []


def pipes() -> set[Path]:
    return set(Path("/tmp").glob("OSL_PIPE_*"))


@pytest.fixture(params=MODES)
async def office(
    request: pytest.FixtureRequest, nothing_is_left: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    walls, _, warmth = request.param.partition(" ")
    if warmth == "cold":
        monkeypatch.setattr(office_module, "_PYTHON", "/nonexistent/python")
    made = Office(OfficeLimits(bubblewrap=walls, seconds=20), PROGRAM)
    yield made
    await made.stop()


@pytest.fixture
async def warm(nothing_is_left: None) -> AsyncIterator[Office]:
    made = Office(OfficeLimits(seconds=20), PROGRAM)
    yield made
    await made.stop()


def file(name: str, data: bytes, application: str = "writer") -> OfficeFile:
    return OfficeFile(label=name, suffix=name.rpartition(".")[2], application=application, data=data)


LETTER = file("letter.docx", docx("Dear reader"))


async def text_of(office: Office, one: OfficeFile, *, pages: int = 200) -> list[str]:
    """What stands on each page of its PDF."""
    (pdf,) = await office.convert([one], pages=pages)
    document = pdfium.PdfDocument(pdf)
    found = [page.get_textpage().get_text_bounded().strip() for page in document]
    document.close()
    return found


async def test_files_of_one_mail_become_pdfs_in_their_order(office: Office) -> None:
    files = [
        LETTER,
        file("table.xlsx", xlsx(("Apples", 3), ("=1+2", 4)), "calc"),
        file("talk.odp", odp("one", "two"), "impress"),
    ]
    pdfs = [pdfium.PdfDocument(pdf) for pdf in await office.convert(files, pages=200)]
    texts = [[page.get_textpage().get_text_bounded() for page in pdf] for pdf in pdfs]
    assert [len(pages) for pages in texts] == [1, 1, 2]
    assert [word in pages[0] for word, pages in zip(("Dear reader", "Apples", "one"), texts, strict=True)] == [True] * 3
    for pdf in pdfs:
        pdf.close()


@pytest.mark.parametrize(
    ("name", "application", "data"),
    [
        ("a.odt", "writer", odt("<text:p>hello</text:p>")),
        ("a.fodt", "writer", fodt("hello")),
        ("a.rtf", "writer", rtf("hello")),
        ("a.xml", "calc", excel_xml("hello")),
        ("a.wk1", "calc", wk1("hello")),
        ("a.xls", "calc", xls_of_excel_2("hello")),
        ("a.xlsb", "calc", xlsb("hello")),
        ("a.wri", "writer", write("hello")),
    ],
)
async def test_other_kinds_are_read_as_well(warm: Office, name: str, application: str, data: bytes) -> None:
    (page,) = await text_of(warm, file(name, data, application))
    assert "hello" in page


async def test_what_is_damaged_is_refused_and_the_next_one_is_not(office: Office) -> None:
    for name, data in (("a.docx", b"PK\3\4" + bytes(300)), ("a.rtf", b"{\\rtf1 unfinished {{{{ \\b")):
        with pytest.raises(Permanent) as caught:
            await office.convert([file(name, data)], pages=200)
        assert caught.value.text == PART_UNREADABLE.fill(part=name)
    assert await text_of(office, LETTER) == ["Dear reader"]


@bridged
async def test_octets_are_never_faxed_as_a_text(warm: Office) -> None:
    with pytest.raises(Permanent, match="LibreOffice takes it for Text"):
        await warm.convert([file("letter.doc", b"this is no Word file")], pages=200)


async def test_no_more_pages_are_made_than_are_asked_for(office: Office) -> None:
    assert len(await text_of(office, file("long.docx", docx_of_pages(300)), pages=21)) == 21


async def test_a_calculation_without_end_ends_at_the_deadline_and_the_next_file_is_made(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.convert([], pages=1)
    monkeypatch.setattr(office, "limits", OfficeLimits(seconds=3))
    with pytest.raises(Temporary, match=r"sums.xlsx: ran past its [\d.]+ seconds") as caught:
        await office.convert([file("sums.xlsx", endless_xlsx(), "calc")], pages=200)
    assert caught.value.sentence.text == CONVERTER_DIED.text
    monkeypatch.undo()
    assert await text_of(office, LETTER) == ["Dear reader"]


async def test_the_deadline_is_that_of_all_files_of_a_mail(warm: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await warm.convert([LETTER], pages=200)
    monkeypatch.setattr(warm, "limits", OfficeLimits(seconds=0.2))
    with pytest.raises(Temporary, match="ran past"):
        await warm.convert([LETTER] * 100, pages=200)


async def test_a_file_that_unpacks_to_too_much_costs_itself_alone() -> None:
    made = Office(OfficeLimits(seconds=20, memory_bytes=1 << 30), PROGRAM)
    bomb = docx(body="<w:p><w:r><w:t>" + "a" * (200 << 20) + "</w:t></w:r></w:p>")
    try:
        with pytest.raises((Temporary, Permanent)):
            await made.convert([file("bomb.docx", bomb)], pages=200)
        assert await text_of(made, LETTER) == ["Dear reader"]
    finally:
        await made.stop()


async def test_mails_take_turns_and_one_that_fails_does_not_harm_the_others(warm: Office) -> None:
    broken = file("broken.docx", b"PK\3\4" + bytes(300))
    calls = [warm.convert([broken if number == 2 else file("n.rtf", rtf(str(number)))], pages=9) for number in range(5)]
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end).__name__ for end in ends] == ["list", "list", "Permanent", "list", "list"]


@bridged
async def test_a_process_is_replaced_after_so_many_files() -> None:
    made = Office(OfficeLimits(recycle_after=2), PROGRAM)
    try:
        seen = set()
        for _ in range(4):
            await made.convert([LETTER], pages=9)
            assert made._sandbox is not None
            seen |= {worker.pid for worker in made._sandbox._workers}
        assert len(seen) > 1
    finally:
        await made.stop()


async def test_no_connection_is_made_for_a_picture_elsewhere(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x.png"
        files = [file("a.docx", docx_with_picture_at(url)), file("a.odt", odt_with_picture_at(url))]
        assert len(await office.convert(files, pages=9)) == 2
        with pytest.raises(BlockingIOError):
            server.accept()


async def test_no_macro_runs(office: Office, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    assert await office.convert([file("a.ods", ods_with_macro(write(ran)), "calc")], pages=9)
    assert not ran.exists()


def write(path: Path) -> str:
    return f'Open "{path}" For Output As #1\nPrint #1, "x"\nClose #1'


def make(folder: Path, profile: str, who: str, *orders: str | Path) -> None:
    """LibreOffice as we start and ask it, or as others do, without a jail."""
    command = ["/usr/bin/python3", "-B", MAKER, ROOT, PROGRAM, folder / "profile", profile, who, *orders]
    subprocess.run(command, check=True, timeout=60)
    shutil.rmtree(folder / "profile")


@bridged
@pytest.mark.parametrize(
    ("profile", "who", "runs"),
    [("bare", "careless", True), ("ours", "careless", False), ("bare", "us", False)],
)
def test_profile_and_call_each_keep_macros_from_running(tmp_path: Path, profile: str, who: str, runs: bool) -> None:
    source, ran = tmp_path / "macro.ods", tmp_path / "ran"
    source.write_bytes(ods_with_macro(write(ran)))
    make(tmp_path, profile, who, source, tmp_path / "out.pdf", "calc_pdf_Export", "")
    assert (tmp_path / "out.pdf").exists()
    assert ran.exists() is runs


@bridged
@pytest.mark.parametrize(("profile", "connects"), [("bare", True), ("ours", False)])
async def test_the_profile_alone_keeps_links_from_being_followed(tmp_path: Path, profile: str, connects: bool) -> None:
    seen = []

    def turn_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(reader)
        writer.close()

    async with await asyncio.start_server(turn_away, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x.png"
        (tmp_path / "a.docx").write_bytes(docx_with_picture_at(url))
        order = (tmp_path / "a.docx", tmp_path / "out.pdf", "writer_pdf_Export", "")
        await asyncio.to_thread(make, tmp_path, profile, "careless", *order)
    assert bool(seen) is connects


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files in formats that only LibreOffice can write."""
    folder = tmp_path_factory.mktemp("made")
    sources = {"a.docx": docx("hello"), "a.xlsx": xlsx(("hello", 1)), "a.odp": odp("hello", "world")}
    for name, data in sources.items():
        (folder / name).write_bytes(data)
    orders: list[str | Path] = []
    for source, target, name, password in (
        ("a.docx", "a.doc", "MS Word 97", ""),
        ("a.docx", "word.rtf", "Rich Text Format", ""),
        ("a.docx", "word.xml", "MS Word 2003 XML", ""),
        ("a.xlsx", "a.xls", "MS Excel 97", ""),
        ("a.odp", "a.ppt", "MS PowerPoint 97", ""),
        ("a.odp", "a.pptx", "Impress MS PowerPoint 2007 XML", ""),
        ("a.docx", "locked.doc", "MS Word 97", "x"),
        ("a.xlsx", "locked.xls", "MS Excel 97", "x"),
        ("a.docx", "locked.odt", "writer8", "x"),
    ):
        orders += [folder / source, folder / target, name, password]
    make(folder, "ours", "us", *orders)
    return folder


@bridged
@pytest.mark.parametrize(
    ("name", "application", "pages"),
    [
        ("a.doc", "writer", ["hello"]),
        ("word.rtf", "writer", ["hello"]),
        ("word.xml", "writer", ["hello"]),
        ("a.xls", "calc", ["hello 1"]),
        ("a.ppt", "impress", ["hello", "world"]),
        ("a.pptx", "impress", ["hello", "world"]),
    ],
)
async def test_files_of_other_programs_are_read(
    warm: Office, made: Path, name: str, application: str, pages: list[str]
) -> None:
    found = await text_of(warm, file(name, (made / name).read_bytes(), application))
    assert [" ".join(page.split()) for page in found] == pages


@bridged
@pytest.mark.parametrize("name", ["locked.doc", "locked.xls", "locked.odt"])
async def test_a_file_with_a_password_is_said_to_be_encrypted(warm: Office, made: Path, name: str) -> None:
    with pytest.raises(Permanent) as caught:
        await warm.convert([file(name, (made / name).read_bytes())], pages=9)
    assert caught.value.text == PART_ENCRYPTED.fill(part=name)


async def test_it_starts_with_the_first_file_and_works_again_after_a_stop(warm: Office) -> None:
    assert warm._sandbox is None
    await warm.convert([LETTER], pages=9)
    await warm.stop()
    assert warm._sandbox is None
    assert await text_of(warm, LETTER) == ["Dear reader"]


async def test_one_that_cannot_be_started_is_our_fault(nothing_is_left: None) -> None:
    broken = Office(OfficeLimits(bubblewrap="never"), Path("/nonexistent"))
    with pytest.raises(Temporary, match="office: "):
        await broken.convert([LETTER], pages=9)
    await broken.stop()
    assert broken.applications == ()


async def test_a_proof_makes_a_pdf_of_a_text(office: Office) -> None:
    await office.prove()
