"""What becomes of texts, logos and containers, by the faxbox's habits."""

import hashlib
import io
from base64 import encodebytes
from collections.abc import Mapping

import pytest
from PIL import Image

from smtpfax.mime.choose import Chosen, Part, choose
from smtpfax.mime.kinds import Kind
from smtpfax.mime.refusal import Refused
from smtpfax.mime.tree import MimeLimits, read
from smtpfax.model.account import LOGO_MAILS, Body, Logos, Quotes
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from tests.mime.listing import RENDERABLE, listing

PDF = b"%PDF-1.4\n%%EOF\n"
NO_TEXT = "refused 5.6.0 the mail has nothing to fax: no document and no text"


def picture(width: int, height: int) -> bytes:
    made = io.BytesIO()
    Image.new("1", (width, height)).save(made, "PNG")
    return made.getvalue()


def part(kind: str, data: bytes, *, name: str = "", **fields: str) -> bytes:
    lines = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64"]
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in fields.items()]
    if name:
        lines.append(f'Content-Disposition: attachment; filename="{name}"')
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + encodebytes(data)


def multi(subtype: str, *parts: bytes, boundary: str = "b") -> bytes:
    lines = [f"Content-Type: multipart/{subtype}; boundary={boundary}".encode(), b""]
    lines += [f"--{boundary}".encode() + b"\r\n" + each for each in parts]
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])


TEXT = part("text/plain", b"Please fax.")
HTML = part("text/html", b"<p>Please fax.</p>")
DOCUMENT = part("application/pdf", PDF, name="a.pdf")
LOGO_HTML = part("text/html", b'<p>Please fax.</p><img src="cid:logo@x">')
LOGO = part("image/png", picture(300, 100), Content_ID="<logo@x>")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (Body.PAGE, ["faxed 1 text/plain in utf-8", "faxed 2 application/pdf a.pdf", "faxed 3 text/plain in utf-8"]),
        (Body.ALONE, ["faxed 2 application/pdf a.pdf"]),
        (Body.NEVER, ["faxed 2 application/pdf a.pdf"]),
        (Body.COVER, ["faxed 2 application/pdf a.pdf"]),
    ],
)
def test_a_text_beside_a_document_is_faxed_by_the_habit(body: Body, expected: list[str]) -> None:
    lines = listing(multi("mixed", TEXT, DOCUMENT, TEXT), body=body)
    assert [line for line in lines if line.startswith("faxed")] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (Body.PAGE, ["faxed 1 text/plain in utf-8"]),
        (Body.ALONE, ["faxed 1 text/plain in utf-8"]),
        (Body.NEVER, [NO_TEXT]),
        (Body.COVER, ["out 1 text/plain: the text stands on the cover page"]),
    ],
)
def test_a_text_alone_is_faxed_unless_it_never_is(body: Body, expected: list[str]) -> None:
    assert listing(TEXT, body=body) == expected


@pytest.mark.parametrize(
    ("body", "faxed"),
    [(Body.PAGE, ["1", "2.1", "2.2"]), (Body.ALONE, ["2.2"]), (Body.NEVER, ["2.2"]), (Body.COVER, ["2.2"])],
)
def test_a_mail_within_the_mail_has_a_document_of_its_own(body: Body, faxed: list[str]) -> None:
    inner = b"Content-Type: message/rfc822\r\n\r\n" + multi("mixed", TEXT, DOCUMENT, boundary="i")
    lines = listing(multi("mixed", TEXT, inner), body=body)
    assert [line.split()[1] for line in lines if line.startswith("faxed")] == faxed


@pytest.mark.parametrize("body", [Body.ALONE, Body.NEVER, Body.COVER])
def test_the_text_of_a_mail_within_the_mail_is_what_was_sent(body: Body) -> None:
    inner = b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nInner."
    lines = listing(multi("mixed", TEXT, inner), body=body)
    assert lines[0] == "faxed 2.1 text/plain in utf-8"
    assert lines[1].startswith("out 1 text/plain")


@pytest.mark.parametrize(
    ("logos", "body", "expected"),
    [
        (Logos.DROP, Body.ALONE, {"2": "faxed", "1.2": "out"}),
        (Logos.KEEP, Body.ALONE, {"2": "faxed", "1.2": "faxed"}),
        (Logos.KEEP, Body.PAGE, {"1.1": "faxed", "2": "faxed", "1.2": "out"}),
    ],
)
def test_a_logo_is_dropped_or_kept_by_the_habit(logos: Logos, body: Body, expected: Mapping[str, str]) -> None:
    related = multi("related", LOGO_HTML, LOGO, boundary="r")
    lines = listing(multi("mixed", related, DOCUMENT), body=body, logos=logos)
    assert expected.items() <= {line.split()[1]: line.split()[0] for line in lines}.items()


@pytest.mark.parametrize("body", [Body.PAGE, Body.ALONE])
def test_a_html_text_keeps_the_pictures_it_shows(body: Body) -> None:
    (html,) = faxed(multi("related", LOGO_HTML, LOGO), body=body)
    assert html.resources == {"logo@x": picture(300, 100)}


def test_a_picture_is_found_by_its_location_as_well() -> None:
    shown = part("text/html", b'<p>x</p><img src="pic/1.png">')
    (html,) = faxed(multi("related", shown, part("image/png", picture(9, 9), Content_Location="pic/1.png")))
    assert list(html.resources) == ["pic/1.png"]


def faxed(content: bytes, *, body: Body = Body.ALONE) -> tuple[Part, ...]:
    tree = read(content, limits=MimeLimits())
    return choose(tree, body=body, logos=Logos.DROP, renderable=RENDERABLE).parts


@pytest.mark.parametrize(
    ("width", "height", "inline", "kept"),
    [
        (1700, 2200, True, True),
        (640, 480, True, True),
        (500, 200, True, False),
        (500, 200, False, True),
        (150, 150, False, False),
        (1700, 4, False, False),
    ],
)
def test_a_small_picture_beside_a_text_is_a_logo(width: int, height: int, inline: bool, kept: bool) -> None:
    sent = part("image/png", picture(width, height), name="" if inline else "a.png")
    assert any(line.startswith("faxed 2") for line in listing(multi("mixed", TEXT, sent))) is kept


@pytest.mark.parametrize("body", list(Body))
def test_a_picture_that_is_the_only_content_is_never_a_logo(body: Body) -> None:
    shown = part("text/html", b'<img src="cid:logo@x">')
    assert "faxed" in listing(multi("related", shown, LOGO), body=body)[0]


def test_a_dot_that_counts_readers_is_no_content() -> None:
    assert listing(multi("mixed", part("text/plain", b" "), part("image/png", picture(1, 1)))) == [NO_TEXT]


def test_of_alternatives_the_last_that_can_be_shown_is_taken() -> None:
    forms = multi("alternative", TEXT, HTML, part("text/calendar", b"BEGIN:VCALENDAR"))
    assert listing(forms)[0].startswith("faxed 2 text/html")
    assert listing(forms, renderable=RENDERABLE - {Kind.HTML})[0].startswith("faxed 1 text/plain")


def test_an_empty_html_form_does_not_hide_the_text() -> None:
    assert listing(multi("alternative", TEXT, part("text/html", b"<p>&nbsp;</p>")))[0].startswith("faxed 1 ")


def test_the_root_of_a_related_is_named_by_its_start() -> None:
    style = part("text/css", b"p{}", Content_ID="<s@x>")
    related = multi("related", style, part("text/html", b"<p>x</p>", Content_ID="<root@x>"))
    related = related.replace(b"boundary=b", b'boundary=b; start="<root@x>"')
    assert listing(related) == ["faxed 2 text/html in utf-8", "out 1 text/plain: it belongs to the HTML text"]


def test_a_document_in_a_related_is_a_document() -> None:
    assert listing(multi("related", HTML, DOCUMENT))[0] == "faxed 2 application/pdf a.pdf"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (part("x/odd", b"\0\1\2", name="a.odd"), "5.6.1 a.odd is of a kind that cannot be faxed (x/odd)"),
        (part("x/odd", b"\0\1\2"), "5.6.1 part 2 is of a kind that cannot be faxed (x/odd)"),
        (part("image/tiff", b"\0\1\2"), "5.6.0 part 2 cannot be read: it is damaged or not what it says it is"),
        (part("x/y", b"-----BEGIN PGP MESSAGE-----"), "5.6.0 part 2 is encrypted: send it without a password"),
    ],
)
def test_a_wanted_part_that_cannot_be_faxed_refuses_the_mail(sent: bytes, expected: str) -> None:
    assert listing(multi("mixed", TEXT, sent)) == [f"refused {expected}"]


def test_a_refusal_is_the_documents_fault() -> None:
    with pytest.raises(Permanent) as caught:
        faxed(multi("encrypted", TEXT, TEXT))
    assert caught.value.cause is Cause.DOCUMENT


@pytest.mark.parametrize(
    ("name", "kind", "label"),
    [("a.pdf", Kind.PDF, "a.pdf"), ("", Kind.HTML, "the text"), ("", Kind.TIFF, "part 1.2")],
)
def test_a_part_has_a_name_in_a_sentence(name: str, kind: Kind, label: str) -> None:
    assert Part(path="1.2", name=name, kind=kind, data=b"").label == label


def test_a_part_tells_its_characters_and_its_note() -> None:
    made = Part(path="1", name="", kind=Kind.TEXT, data="Grüße €".encode("cp1252"), charset="cp1252")
    assert made.text == "Grüße €"
    assert (made.note(pages=2).pages, made.note().octets) == (2, 7)


def chosen(content: bytes, *, body: Body = Body.ALONE, quotes: Quotes = Quotes.KEEP) -> Chosen:
    tree = read(content, limits=MimeLimits())
    return choose(tree, body=body, logos=Logos.DROP, renderable=RENDERABLE, quotes=quotes)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (TEXT, "Please fax."),
        (multi("mixed", HTML, DOCUMENT, TEXT), "Please fax.\n\nPlease fax."),
        (part("text/html", b"<p>One<br>two</p><style>p{}</style>"), "One\ntwo"),
        (part("text/plain; charset=latin-1", "Grüße".encode("latin-1")), "Grüße"),
    ],
)
def test_a_text_for_the_cover_is_handed_on_as_characters(content: bytes, text: str) -> None:
    assert chosen(content, body=Body.COVER).cover_text == text


@pytest.mark.parametrize("body", [Body.PAGE, Body.ALONE])
def test_a_text_that_is_a_page_is_not_on_the_cover(body: Body) -> None:
    assert chosen(TEXT, body=body).cover_text == ""


INNER = (
    b"Content-Type: message/rfc822\r\n\r\nFrom: Bob <b@x>\r\nDate: Mon, 2 Mar 2026\r\nSubject: =?utf-8?q?=C3=BC?=\r\n"
)


@pytest.mark.parametrize("body", list(Body))
def test_a_mail_within_the_mail_has_a_heading_above_its_first_text(body: Body) -> None:
    inner = INNER + multi("mixed", TEXT, TEXT, boundary="i")
    parts = {each.path: each.heading for each in chosen(multi("mixed", TEXT, inner), body=body).parts}
    assert parts["2.1"] == ("From: Bob <b@x>", "Date: Mon, 2 Mar 2026", "Subject: ü")
    assert {heading for path, heading in parts.items() if path != "2.1"} == {()}


def test_two_mails_within_the_mail_have_a_heading_each() -> None:
    inner = INNER + b"\r\nInner."
    assert [len(each.heading) for each in chosen(multi("mixed", inner, inner)).parts] == [3, 3]


SEEN = hashlib.sha256(picture(500, 300)).hexdigest()


@pytest.mark.parametrize(
    ("times", "size", "logos", "kept"),
    [
        (LOGO_MAILS, (500, 300), Logos.DROP, False),
        (LOGO_MAILS - 1, (500, 300), Logos.DROP, True),
        (LOGO_MAILS, (500, 300), Logos.KEEP, True),
        (LOGO_MAILS, (500, 301), Logos.DROP, True),  # another picture
        (99, (1700, 2200), Logos.DROP, True),  # a page, though it comes every day
    ],
)
def test_a_picture_of_many_mails_is_a_logo(times: int, size: tuple[int, int], logos: Logos, kept: bool) -> None:
    seen = {SEEN: times, hashlib.sha256(picture(1700, 2200)).hexdigest(): times}
    lines = listing(multi("mixed", TEXT, part("image/png", picture(*size), name="a.png")), logos=logos, seen=seen)
    assert any(line.startswith("faxed 2") for line in lines) is kept
    if not kept:
        assert lines[-1] == f"out 2 image/png a.png: the same picture was in many mails of this sender ({times} so far)"
        assert lines[0].startswith("faxed 1 text/plain")  # and is no document beside the text


def test_the_pictures_of_a_mail_are_told_so_that_they_can_be_remembered() -> None:
    logo = part("image/png", picture(500, 300))
    assert chosen(multi("mixed", TEXT, logo, DOCUMENT, logo)).pictures == (SEEN,)
    assert chosen(TEXT).pictures == ()


def test_a_picture_of_many_mails_is_faxed_when_it_is_all_there_is() -> None:
    assert listing(part("image/png", picture(500, 300)), seen={SEEN: 99}) == ["faxed 1 image/png"]


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (
            multi("mixed", TEXT, part("x/odd", b"\0\1", name="a.odd"), DOCUMENT),
            [("1", True), ("2", False), ("3", False)],
        ),
        (multi("encrypted", TEXT, TEXT), [("1", False), ("2", False)]),
        (multi("mixed", part("text/plain", b" ")), [("1", True)]),
        (multi("mixed", DOCUMENT, part("application/pdf", b"", name="b.pdf")), [("1", False), ("2", False)]),
    ],
    ids=["unknown kind", "encrypted", "nothing", "no octets"],
)
def test_a_refused_mail_tells_all_its_parts(content: bytes, notes: list[tuple[str, bool]]) -> None:
    with pytest.raises(Refused) as caught:
        chosen(content)
    assert [(note.path, bool(note.left_out)) for note in caught.value.parts] == notes


def test_a_mail_that_cannot_be_read_tells_the_parts_that_were_known() -> None:
    with pytest.raises(Refused) as caught:
        read(multi("mixed", *[DOCUMENT] * 5), limits=MimeLimits(max_parts=4))
    assert caught.value.text == "the mail has more than 4 parts"
    assert [(note.path, note.name) for note in caught.value.parts] == [("1", "a.pdf"), ("2", "a.pdf"), ("3", "a.pdf")]


REPLY = part("text/plain", b"Yes.\n\nOn Mon, Ann wrote:\n> Will you?\n")


@pytest.mark.parametrize(("quotes", "left"), [(Quotes.KEEP, True), (Quotes.CUT, False)])
def test_quoted_text_is_kept_or_cut_by_the_habit(quotes: Quotes, left: bool) -> None:
    (reply,) = chosen(REPLY, quotes=quotes).parts
    assert ("> Will you?" in reply.text) is left
    assert ("> Will you?" in chosen(REPLY, body=Body.COVER, quotes=quotes).cover_text) is left


def test_a_text_file_is_no_reply() -> None:
    (file,) = chosen(part("text/plain", b"> x\ny", name="a.log"), quotes=Quotes.CUT).parts
    assert file.text == "> x\ny"


def test_a_picture_of_the_quoted_text_goes_with_it() -> None:
    markup = part("text/html", b'<p>Yes.</p><blockquote type="cite"><img src="cid:logo@x"></blockquote>')
    content = multi("related", markup, part("image/png", picture(900, 900), Content_ID="<logo@x>"))
    assert listing(content, quotes=Quotes.CUT) == [
        "faxed 1 text/html in utf-8",
        "out 2 image/png: only the quoted text shows it",
    ]
