"""Kazoo's expressions: what they match, and what they never do."""

from __future__ import annotations

import pytest

from smtpfax.model.address import NULL, mailbox
from smtpfax.model.expression import BadExpression, Expression


@pytest.mark.parametrize(
    ("entry", "path", "matches"),
    [
        (r".*@acme\.example", "ann@acme.example", True),
        (r"^.*@acme\.example$", "ann@acme.example", True),
        (r".*@ACME\.example", "Ann@acme.example", True),
        (r"(ann|ben)@acme\.example", "ben@acme.example", True),
        (r"[^@]+@(mail|fax)\.acme\.example", "ben@fax.acme.example", True),
        (r"\S+@acme\.example", "ann@acme.example", True),
        (r".*@.*\.acme\.example", "ann@a.b.acme.example", True),
        ("user@example.com", "USER@example.com", True),
        ("user@example.com", "xuser@example.com", False),
        ("user@example.com", "user@example.com.evil.example", False),
        ("user@example.com", "user@examplexcom.example", False),
        ("u.er@example.com", "user@example.com", False),
        (r".*@mail.acme.example", "eve@mailxacme.example", False),
        (r".*@mail.acme.example", "ann@mail.acme.example", True),
        (r".*@[a.]cme.example", "ann@acme.example", True),
        (r".*@[].]cme.example", "ann@xcmexexample.example", False),
        (r".*\@mail.acme.example", "eve@mailxacme.example", False),
        (r"(.*@mail.acme.example|x@y.example)", "eve@mailxacme.example", False),
        (r".*@mail.acme.example|x@y.example", "eve@mailxacme.example", False),
        (r".*@(mail|fax).acme.example", "eve@mail.acmexexample.example", False),
        (r".*@(mail|fax).acme.example", "eve@mailxacme.example", False),
        (r".*@(mail|fax).acme.example", "ann@fax.acme.example", True),
        (r"ann.b|.*@acme.example", "annxb@acme.example", True),
        ("ann+fax@acme.example", "ann+fax@acme.example", True),
        ("ann+fax@acme.example", "annfax@acme.example", False),
        ("a.+@acme.example", "annfax@acme.example", True),
        (r"acme\.example", "ann@acme.example", False),
        (r"@acme\.example", "ann@acme.example", False),
        (r"ann@acme\.example|ben@acme\.example", "ben@acme.example", True),
        (r"ann@acme\.example|ben@acme\.example", "ben@acme.example.evil.example", False),
        (r"kate@acme\.example", "\u212aate@acme.example", False),
        (r"kate@acme.example", "\u212aate@acme.example", False),
        (r".*", "\u212aate@acme.example", False),
    ],
)
def test_an_expression_is_anchored(entry: str, path: str, matches: bool) -> None:
    assert Expression(entry).matches(mailbox(path)) is matches


def test_the_null_reverse_path_matches_nothing() -> None:
    assert not Expression(".*").matches(NULL)


UNUSABLE = ["", "(", r"(a)\1", "(?=a)b", "a{1000}{1000}", "((a{100}){100}){100}", "x" * 501, "*"]


@pytest.mark.parametrize("entry", UNUSABLE)
def test_what_cannot_be_used_is_refused(entry: str) -> None:
    with pytest.raises(BadExpression):
        Expression(entry)


def test_an_expression_that_ruins_other_engines_is_quick() -> None:
    assert not Expression(r"(a+)+(a+)+@acme\.example").matches(mailbox("a" * 60 + "@evil.example"))
