"""Who may see what: pure rules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpfax.model.account import Account, Directory, Faxbox, User
from smtpfax.store import Token, Whose
from smtpfax.web.viewer import Role, Scope, Viewer, viewer_of_token, viewer_of_user

ANN = User(email="ann@acme.example", reverse_paths=frozenset(), administrator=True)
BEN = User(email="ben@acme.example", reverse_paths=frozenset())
DIRECTORY = Directory.of(
    [Account(id="acme", name="Acme", users=(ANN, BEN)), Account(id="other", name="Other")],
    [
        Faxbox(id="sales", account_id="acme", name="Sales", owner="ann@acme.example"),
        Faxbox(id="lab", account_id="acme", name="A lab", owner="ben@acme.example"),
        Faxbox(id="sales", account_id="other", name="Sales", owner="ben@acme.example"),
    ],
)
NOBODY: frozenset[str] = frozenset()


def of(email: str, *, administrators: frozenset[str] = NOBODY) -> Viewer:
    found = viewer_of_user(email, DIRECTORY, administrators)
    assert found is not None
    return found


def token(account_id: str, *scopes: str) -> Token:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Token(id="t1", name="", account_id=account_id, scopes=scopes, hash="h", created=at)


def test_a_member_sees_the_faxboxes_they_own_and_no_others() -> None:
    ben = of("ben@acme.example")
    assert ben.role is Role.MEMBER
    assert [box.id for box in ben.boxes(DIRECTORY)] == ["lab"]
    assert ben.sees("acme", "lab", DIRECTORY)
    for account, faxbox in [("acme", "sales"), ("acme", ""), ("other", "sales"), ("acme", "gone"), ("", "")]:
        assert not ben.sees(account, faxbox, DIRECTORY)
    assert ben.whose(DIRECTORY) == Whose(account_id="acme", faxbox_ids=("lab",))
    assert not ben.edits("acme")


def test_an_accounts_administrator_sees_all_of_it_and_nothing_else() -> None:
    ann = of("ann@acme.example")
    assert ann.role is Role.ACCOUNT
    assert [box.id for box in ann.boxes(DIRECTORY)] == ["lab", "sales"]  # by name
    assert ann.sees("acme", "", DIRECTORY)
    assert not ann.sees("other", "sales", DIRECTORY)
    assert not ann.sees("", "", DIRECTORY)
    assert (ann.edits("acme"), ann.edits("other")) == (True, False)


def test_the_sites_administrators_are_named_by_its_settings() -> None:
    ben = of("ben@acme.example", administrators=frozenset({"ben@acme.example"}))
    assert ben.role is Role.ADMINISTRATOR
    assert len(ben.boxes(DIRECTORY)) == 3
    assert ben.sees("", "", DIRECTORY)
    assert ben.whose(DIRECTORY) == Whose()


def test_who_is_no_user_is_nobody_even_if_the_settings_name_them() -> None:
    assert viewer_of_user("eve@x.example", DIRECTORY, frozenset({"eve@x.example"})) is None


@pytest.mark.parametrize(
    ("account_id", "scopes", "role", "writes"),
    [
        ("", ("read", "write"), Role.ADMINISTRATOR, True),
        ("acme", ("read",), Role.ACCOUNT, False),
        ("acme", ("write",), None, None),
        ("gone", ("read",), None, None),
    ],
)
def test_a_token_is_what_it_was_made_for(
    account_id: str, scopes: tuple[str, ...], role: Role | None, writes: bool | None
) -> None:
    found = viewer_of_token(token(account_id, *scopes), DIRECTORY)
    assert (found.role if found else None, found.writes if found else None) == (role, writes)
    if found and not writes:
        assert not found.edits("acme")


@pytest.mark.parametrize(
    ("email", "chosen", "scopes"),
    [
        ("ann@acme.example", Scope(), [Scope(account_id="acme")]),
        ("ann@acme.example", Scope(faxbox_id="lab"), [Scope(account_id="acme", faxbox_id="lab")]),
        ("ann@acme.example", Scope(account_id="other"), []),
        ("ben@acme.example", Scope(), [Scope(account_id="acme", faxbox_id="lab")]),
        ("ben@acme.example", Scope(account_id="acme", faxbox_id="sales"), []),
        ("ben@acme.example", Scope(account_id="other", faxbox_id="sales"), []),
    ],
)
def test_whatever_a_list_is_asked_for_it_shows_what_is_the_viewers(
    email: str, chosen: Scope, scopes: list[Scope]
) -> None:
    assert list(of(email).scopes(DIRECTORY, chosen)) == scopes


def test_an_administrator_may_choose_anything() -> None:
    ops = of("ben@acme.example", administrators=frozenset({"ben@acme.example"}))
    assert ops.scopes(DIRECTORY) == (Scope(),)
    assert ops.scopes(DIRECTORY, Scope(account_id="other")) == (Scope(account_id="other"),)


def test_of_two_tokens_neither_sees_the_others_drafts() -> None:
    first, second = token("acme", "read"), Token(**{**_fields(token("acme", "read")), "id": "t2"})
    keys = {viewer.key for each in (first, second) if (viewer := viewer_of_token(each, DIRECTORY))}
    assert len(keys) == 2


def _fields(one: Token) -> dict[str, object]:
    return {name: getattr(one, name) for name in Token.__slots__}
