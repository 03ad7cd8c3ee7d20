"""Questions before something is done.

In:    a question, and where its page was asked from.
Out:   a page with the question; the same once more, with what is wrong beside the field.
Fails: never.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from smtpfax.api.envelope import Refusal

from .guard import sentence_of
from .visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, about whom; `kind` is the look of the button, `number_label` empty: no number is asked for."""

    title: str
    texts: tuple[str, ...]
    word: str
    about: str = ""  # a number, which does not go on in the next line
    mark: str = "?"
    kind: str = "danger"
    number_label: str = ""
    name_label: str = ""


def ask(
    visit: Visit, question: Question, *, back: str, number: str = "", name: str = "", wrong: str = "", code: int = 200
) -> web.Response:
    """The page."""
    shown = {"question": question, "back": back, "number": number, "name": name, "wrong": wrong}
    return visit.page("confirm.html", status=code, **shown)


def asked_again(
    visit: Visit, question: Question, refusal: Refusal, *, back: str, number: str, name: str = ""
) -> web.Response:
    """What was written is still there, and what is wrong with it."""
    wrong = sentence_of(next(iter(refusal.data.values())))
    return ask(visit, question, back=back, number=number[:128], name=name[:128], wrong=wrong, code=refusal.code)
