"""Which form of a fax a client gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.api.envelope import Refusal
from smtpfax.api.negotiate import Form, choose_form, content_disposition


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, Form.PDF),
        ("", Form.PDF),
        ("*/*", Form.PDF),
        ("image/tiff", Form.TIFF),
        ("IMAGE/TIFF", Form.TIFF),
        ("image/*", Form.TIFF),
        ("application/pdf, image/tiff", Form.PDF),
        ("application/pdf;q=0.5, image/tiff;q=0.9", Form.TIFF),
        ("application/pdf;q=0.9, */*;q=0.1", Form.PDF),
        ("application/pdf;q=0, */*", Form.TIFF),
        ("text/html, image/tiff ; q=0.3", Form.TIFF),
    ],
)
def test_the_most_precise_range_speaks_and_the_highest_weight_wins(accept: str | None, form: Form) -> None:
    assert choose_form(accept) is form


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/pdf;q=0",
        "*/*;q=0",
        "image/tiff;q=0.000, image/*",
        "image/tiff;q=nan",
        "image/tiff;q=7",
    ],
)
def test_no_form_that_the_client_takes_is_406(accept: str) -> None:
    with pytest.raises(Refusal) as refused:
        choose_form(accept)
    assert refused.value.code == 406


@given(st.text(max_size=200))
def test_no_accept_header_breaks_the_choice(accept: str) -> None:
    try:
        told: object = choose_form(accept)
    except Refusal as refused:
        told = refused.code
    assert told in (406, *Form)


def test_a_fax_is_an_attachment_unless_it_is_asked_for_inline() -> None:
    assert content_disposition(None, name="4kx-1", form=Form.PDF) == 'attachment; filename="fax-4kx-1.pdf"'
    assert content_disposition("inline", name="4kx-1", form=Form.TIFF) == 'inline; filename="fax-4kx-1.tiff"'


@pytest.mark.parametrize("wish", ["attachment; filename=evil.exe", "INLINE", "x\r\nSet-Cookie: a=b"])
def test_another_disposition_is_refused(wish: str) -> None:
    with pytest.raises(Refusal) as refused:
        content_disposition(wish, name="4kx-1", form=Form.PDF)
    assert (refused.value.code, list(refused.value.data)) == (400, ["disposition"])


@given(st.text(max_size=50))
def test_no_name_breaks_out_of_its_quotes(name: str) -> None:
    written = content_disposition(None, name=name, form=Form.PDF)
    inside = written.removeprefix('attachment; filename="fax-').removesuffix('.pdf"')
    assert inside.isascii()
    assert '"' not in inside
    assert inside.isprintable()
