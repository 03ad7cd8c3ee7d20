"""Office files of a mail: named by the worker, made PDFs by LibreOffice, drawn in their places."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from smtpfax.model.account import Faxbox
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.event import Rendered
from smtpfax.render.asking import Asked, Json, Told, Wanted, told_from
from smtpfax.render.covering import CoverFacts
from smtpfax.render.known import Unfaxable
from smtpfax.render.limits import Limits
from smtpfax.render.stage import PRELOAD, Renderer
from smtpfax.render.task import render_files, render_mail
from smtpfax.render.trips import FILES, MAIL, outcome, rendered
from smtpfax.sandbox import Answer, Sandbox, SandboxLimits
from smtpfax.sandbox.office import Office, OfficeFile, OfficeLimits, find
from smtpfax.spool import Spool
from tests.render.corpus import A4, TEXT, pdf
from tests.render.office_files import docx, docx_of_pages, locked_odt, odp, xlsx

installed = pytest.mark.skipif(find() is None, reason="LibreOffice is not installed on this machine")
ALL = ("writer", "calc", "impress", "draw")


def mail(*files: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message.set_content("Please see the attachments.")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(message)


THREE = mail(("a.docx", docx("first")), ("b.pdf", pdf(TEXT)), ("c.odp", odp("one", "two")))


def asked(office: tuple[str, ...] = ALL, **more: Any) -> Json:
    wire: Json = json.loads(json.dumps(Asked(layout=A4, office=office, **more).to_json()))
    return wire


def told(answer: tuple[Json, list[bytes]]) -> tuple[Told, list[bytes]]:
    return told_from(json.loads(json.dumps(answer[0]))), answer[1]


def test_parts_that_libreoffice_has_to_see_are_named_and_handed_out() -> None:
    found, blobs = told(render_mail(asked(), [THREE]))
    assert [(part.label, part.suffix, part.application) for part in found.wanted] == [
        ("a.docx", "docx", "writer"),
        ("c.odp", "odp", "impress"),
    ]
    assert blobs == [docx("first"), odp("one", "two")]
    assert [part.name for part in found.parts] == ["a.docx", "b.pdf", "c.odp", ""]


def test_with_their_pdfs_they_stand_where_they_stood_and_are_told_as_what_they_are() -> None:
    first, _ = told(render_mail(asked(), [THREE]))
    paths = tuple(part.path for part in first.wanted)
    found, blobs = told(render_mail(asked(converted=paths), [THREE, pdf(TEXT), pdf(TEXT, TEXT)]))
    assert found.wanted == ()
    assert (found.pages, len(blobs)) == (4, 1)
    assert [(part.name, part.pages) for part in found.parts] == [("a.docx", 1), ("b.pdf", 1), ("c.odp", 2), ("", 0)]
    assert found.parts[0].octets == len(docx("first"))
    assert found.parts[0].kind.endswith("wordprocessingml.document")


def test_files_are_handed_out_as_well() -> None:
    names = ("b.pdf", "a.docx")
    found, blobs = told(render_files(asked(names=names), [pdf(TEXT), docx("first")]))
    assert ([part.path for part in found.wanted], blobs) == (["2"], [docx("first")])
    found, _ = told(render_files(asked(names=names, converted=("2",)), [pdf(TEXT), docx("first"), pdf(TEXT)]))
    assert [part.pages for part in found.parts] == [1, 1]


@pytest.mark.parametrize("office", [(), ("calc",)])
def test_what_is_not_installed_is_refused_in_a_sentence(office: tuple[str, ...]) -> None:
    found, blobs = told(render_mail(asked(office), [THREE]))
    assert isinstance(found.fault, Permanent)
    assert found.fault.text.startswith("a.docx is of a kind that cannot be faxed (application/vnd.openxml")
    assert blobs == []


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("locked.odt", locked_odt(), "locked.odt is encrypted: send it without a password"),
        ("bomb.docx", docx("a" * (300 << 20)), "bomb.docx is too large to be faxed: it unpacks to too much"),
        (
            "rest.docx",
            docx("x" * 5000)[:-100],
            "rest.docx cannot be read: it is damaged or not what it says it is",
        ),
        (
            "rest.doc",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
            "rest.doc cannot be read: it is damaged or not what it says it is",
        ),
    ],
)
def test_what_libreoffice_need_not_see_is_refused_before(name: str, data: bytes, text: str) -> None:
    found, blobs = told(render_mail(asked(), [mail((name, data))]))
    assert found.fault is not None
    assert (found.fault.text, blobs) == (text, [])
    assert {part.name for part in found.parts} == {name, ""}


@pytest.mark.parametrize("suffix", ["../x", "", "a/b", "x.y"])
def test_a_worker_cannot_name_another_file(suffix: str) -> None:
    with pytest.raises(ValueError, match="no ending"):
        Wanted(path="1", label="x", suffix=suffix, application="writer")


@pytest.mark.parametrize("blobs", [[], [b"", b""]])
def test_an_answer_with_too_few_or_too_many_octets_is_none(blobs: list[bytes]) -> None:
    wanted = Told(wanted=(Wanted(path="1", label="x", suffix="docx", application="writer"),))
    for answer in (wanted, Told(pages=1)):
        with pytest.raises(Temporary):
            outcome(Answer(data=answer.to_json(), blobs=blobs))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    one = Sandbox(SandboxLimits(workers=1), preload=PRELOAD)
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    one = Office(OfficeLimits(seconds=20), find() or Path("/nonexistent"))
    yield one
    await one.stop()


async def fax(renderer: Renderer, content: bytes) -> Rendered:
    sha256 = hashlib.sha256(content).hexdigest()
    faxbox = Faxbox(id="sales", account_id="acme", name="Sales", paper=A4.paper, resolution=A4.resolution)
    facts = CoverFacts(at=datetime(2026, 3, 1, tzinfo=UTC))
    return (await renderer.render(content, sha256=sha256, faxbox=faxbox, cover=facts, seen={})).rendered


@installed
async def test_a_mail_with_office_files_becomes_a_document(sandbox: Sandbox, office: Office, tmp_path: Path) -> None:
    renderer = Renderer(sandbox, Spool(tmp_path), Asked(), office)
    content = mail(
        ("a.docx", docx("first")), ("b.xlsx", xlsx(("x", 1))), ("c.pdf", pdf(TEXT)), ("d.odp", odp("1", "2"))
    )
    event = await fax(renderer, content)
    assert [(part.name, part.pages) for part in event.parts if part.pages] == [
        ("a.docx", 1),
        ("b.xlsx", 1),
        ("c.pdf", 1),
        ("d.odp", 2),
    ]
    assert event.document.pages == 5
    await renderer.close()


@installed
async def test_what_libreoffice_cannot_read_is_told_with_all_parts(
    sandbox: Sandbox, office: Office, tmp_path: Path
) -> None:
    renderer = Renderer(sandbox, Spool(tmp_path), Asked(), office)
    with pytest.raises(Unfaxable) as caught:
        await fax(renderer, mail(("a.docx", docx("fine")), ("{b}.rtf", b"{\\rtf1 unfinished {{{{ \\b")))
    assert caught.value.text == "{b}.rtf cannot be read: it is damaged or not what it says it is"
    assert [part.name for part in caught.value.parts] == ["a.docx", "{b}.rtf", ""]
    await renderer.close()


@installed
async def test_ten_thousand_pages_are_too_many(sandbox: Sandbox, office: Office) -> None:
    one = Asked(layout=A4, limits=Limits(max_pages=20))
    with pytest.raises(Unfaxable, match="more than 20 pages"):
        await rendered(MAIL, one, [mail(("long.docx", docx_of_pages(10_000)))], sandbox=sandbox, office=office)


@installed
async def test_files_from_the_shell_are_rendered_as_well(sandbox: Sandbox, office: Office) -> None:
    one = Asked(layout=A4, names=("a.docx",))
    found, tiff = await rendered(FILES, one, [docx("first")], sandbox=sandbox, office=office)
    assert (found.pages, tiff[:4]) == (1, b"II*\0")


async def test_a_mail_without_office_files_makes_one_trip_and_starts_no_libreoffice(
    sandbox: Sandbox, office: Office
) -> None:
    (worker,) = sandbox._workers
    before = worker.tasks
    found, _ = await rendered(MAIL, Asked(layout=A4), [mail(("b.pdf", pdf(TEXT)))], sandbox=sandbox, office=office)
    assert (found.pages, worker.tasks - before) == (1, 1)
    assert office._sandbox is None


class Stubborn(Office):
    """One whose PDFs do not satisfy: it answers for other parts."""

    async def convert(self, files: Any, *, pages: int) -> list[bytes]:
        assert all(isinstance(one, OfficeFile) for one in files)
        return [b"no PDF" for _ in files]


@installed
async def test_what_is_no_pdf_is_refused_as_a_damaged_part(sandbox: Sandbox) -> None:
    office = Stubborn(OfficeLimits(), find() or Path("/nonexistent"))
    with pytest.raises(Unfaxable, match="PDFium") as caught:
        await rendered(MAIL, Asked(layout=A4), [mail(("a.docx", docx("x")))], sandbox=sandbox, office=office)
    assert caught.value.text == "a.docx cannot be read: it is damaged or not what it says it is"
