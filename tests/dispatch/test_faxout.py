"""FaxOut: a form that leaves once, and what its integer means."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.dispatch.faxout.form import ascii_of
from smtpfax.model.backend import Offer
from smtpfax.model.cause import Cause
from smtpfax.model.document import Layout, Resolution
from smtpfax.model.errors import ConfigError, InDoubt, NotLetIn, Permanent, Temporary
from smtpfax.testing.faxout import PASSWORD, USERNAME, FakeFaxOut
from smtpfax.testing.trick import SILENT, Trick
from tests.dispatch.benches import faxout
from tests.dispatch.values import ELSEWHERE, PDF, SALES, TIFF, Clock, offer, spooled

NAMED = replace(offer(number=ELSEWHERE), to_name="John Doe", subject="Invoice 7")


async def fields(out: FakeFaxOut, folder: Path, asked: Offer, **settings: object) -> dict[str, str]:
    await faxout(out, spooled(folder), **settings).offer(asked)
    return dict(out.taken[-1].fields)


async def test_a_fax_is_one_form_in_the_order_of_the_documents_example(out: FakeFaxOut, tmp_path: Path) -> None:
    await faxout(out, spooled(tmp_path)).offer(NAMED)
    [seen] = out.seen
    assert (seen.method, seen.path) == ("POST", "/faxapi.asp")
    assert seen.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert re.findall(rb"Content-Disposition: (.*?)\r\n", seen.body) == [
        b'form-data; name="Username"',
        b'form-data; name="Password"',
        b'form-data; name="Attachment"; filename="m1-1.1.pdf"',
        b'form-data; name="Recipient"',
        b'form-data; name="Coverpage"',
        b'form-data; name="Resolution"',
    ]
    [taken] = out.taken
    assert taken.fields == [
        ("Username", USERNAME),
        ("Password", PASSWORD),
        ("Recipient", "12025550123|John Doe"),
        ("Coverpage", "None"),
        ("Resolution", "High"),
    ]
    assert taken.files == [("m1-1.1.pdf", PDF)]
    assert PASSWORD not in seen.path + str(seen.headers)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("", "12025550123"),
        ("a|b || c", "12025550123|a b c"),
        ("Zoë Übel-Straße", "12025550123|Zoe Ubel-Strasse"),
        ("王小明", "12025550123"),
        ("x\r\ny", "12025550123|xy"),
        ("n" * 100, "12025550123|" + "n" * 64),
    ],
)
async def test_a_recipient_is_number_and_name_in_ascii_with_one_bar(
    out: FakeFaxOut, tmp_path: Path, name: str, wanted: str
) -> None:
    assert (await fields(out, tmp_path, replace(NAMED, to_name=name)))["Recipient"] == wanted


@pytest.mark.parametrize(
    ("cover", "words", "wanted"),
    [
        ("", "no page for it", {"Coverpage": "None"}),
        ("0", "", {"Coverpage": "None"}),
        ("7", "", {"Coverpage": "Contempo", "Coverpagetext": "Invoice 7"}),
        ("Default", "Grüße", {"Coverpage": "Default", "Coverpagetext": "Grusse"}),
        ("99", "", {"Coverpage": "None"}),
    ],
)
async def test_the_cover_is_always_said(
    out: FakeFaxOut, tmp_path: Path, cover: str, words: str, wanted: dict[str, str]
) -> None:
    box = replace(SALES, service_cover=cover, service_cover_text=words)
    told = await fields(out, tmp_path, replace(NAMED, faxbox=box))
    assert {name: value for name, value in told.items() if name.startswith("Cover")} == wanted


async def test_standard_pages_are_low_and_a_tiff_leaves_as_it_is_kept(out: FakeFaxOut, tmp_path: Path) -> None:
    coarse = replace(NAMED, document=replace(NAMED.document, layout=Layout(resolution=Resolution.STANDARD)))
    assert (await fields(out, tmp_path, coarse, document="tiff"))["Resolution"] == "Low"
    assert out.taken[0].files == [("m1-1.1.tiff", TIFF)]


async def test_no_send_time_leaves(out: FakeFaxOut, tmp_path: Path) -> None:
    assert "Sendtime" not in await fields(out, tmp_path, NAMED)


@pytest.mark.parametrize(
    ("body", "kind", "cause"),
    [
        (b"1", Temporary, Cause.BACKEND),
        (b"2", Permanent, Cause.REFUSED),
        (b"3", Permanent, Cause.REFUSED),
        (b"4", Permanent, Cause.REFUSED),
        (b" 5\r\n", Temporary, Cause.BACKEND),
    ],
)
async def test_each_integer_has_its_meaning(
    out: FakeFaxOut, tmp_path: Path, body: bytes, kind: type[Exception], cause: Cause
) -> None:
    out.tricks.append(Trick(name="no", takes=False, status=200, body=body))
    with pytest.raises((Temporary, Permanent)) as caught:
        await faxout(out, spooled(tmp_path)).offer(NAMED)
    assert isinstance(caught.value, kind)
    assert caught.value.cause is cause
    assert len(out.seen) == 1


TAKEN_OR_NOT = [
    Trick(name="drops after taking it", takes=True),
    Trick(name="never answers", takes=True, status=SILENT),
    Trick(name="500", takes=True, status=500),
    Trick(name="an unknown integer", takes=True, status=200, body=b"6"),
    Trick(name="words", takes=True, status=200, body=b"<h1>0</h1>"),
    Trick(name="nothing", takes=True, status=200),
    Trick(name="a zero in an error", takes=True, status=500, body=b"0"),
]


@pytest.mark.parametrize("trick", TAKEN_OR_NOT, ids=str)
async def test_whatever_else_it_answers_it_may_have_the_fax_and_none_leaves_twice(
    out: FakeFaxOut, tmp_path: Path, trick: Trick
) -> None:
    out.tricks.append(trick)
    with pytest.raises(InDoubt):
        await faxout(out, spooled(tmp_path), request_seconds=0.3).offer(NAMED)
    assert len(out.seen) == 1


@pytest.mark.parametrize("status", [302, 404])
async def test_a_wrong_url_took_nothing(out: FakeFaxOut, tmp_path: Path, status: int) -> None:
    out.tricks.append(Trick(name="wrong", takes=False, status=status))
    with pytest.raises(Temporary, match="url is not the API's"):
        await faxout(out, spooled(tmp_path)).offer(NAMED)


async def test_a_server_that_is_not_there_is_down(tmp_path: Path) -> None:
    async with FakeFaxOut() as gone:
        pass
    backend = faxout(gone, spooled(tmp_path))
    with pytest.raises(Temporary):
        await backend.offer(NAMED)
    with pytest.raises(Temporary):
        await backend.check()


async def test_a_password_that_is_refused_is_in_no_fault(out: FakeFaxOut, tmp_path: Path) -> None:
    with pytest.raises(NotLetIn, match="the user name or the password is refused") as caught:
        await faxout(out, spooled(tmp_path), password="another-secret").offer(NAMED)
    assert "another-secret" not in str(caught.value)


async def test_a_password_that_is_refused_is_not_tried_until_the_account_would_be_locked(
    out: FakeFaxOut, tmp_path: Path
) -> None:
    clock = Clock()
    backend = faxout(out, spooled(tmp_path), clock=clock)
    out.tricks.append(Trick(name="refused", takes=False, status=200, body=b"1"))
    for seconds in (None, 300, 290):
        with pytest.raises(NotLetIn) as caught:
            await backend.offer(NAMED)
        assert caught.value.after == (timedelta(seconds=seconds) if seconds else None)
        clock.pass_by(seconds=10 if seconds else 0)
    assert len(out.seen) == 1
    clock.pass_by(minutes=5)
    assert await backend.offer(NAMED)
    assert len(out.seen) == 2


def test_a_password_that_the_form_cannot_carry_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"backends\.faxout\.password: must be of ASCII") as caught:
        faxout(FakeFaxOut(), tmp_path, password="pässword")
    assert "pässword" not in str(caught.value)


async def test_a_sub_address_is_refused_rather_than_dropped(out: FakeFaxOut, tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="sub-address"):
        await faxout(out, spooled(tmp_path)).offer(offer(number=f"{ELSEWHERE}/T33S=12"))
    assert out.seen == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Łódź", "Lodz"),
        ("Ærø", "AEro"),
        ("Þórður Œuvre\u2019s \u2013 ẞ", "Thordur OEuvre's - SS"),
        ("ﬁn", "fin"),
        ("\u202eevil", "evil"),
    ],
)
def test_letters_come_as_near_as_ascii_can(text: str, wanted: str) -> None:
    assert ascii_of(text) == wanted
