"""Who may fax, and which faxbox an address comes to."""

import pytest

from smtpfax.model.account import LATE, Account, BadDirectory, Directory, Faxbox, Permission, Proof
from smtpfax.model.address import NULL, mailbox
from smtpfax.model.choice import Choice, Standing, choose
from smtpfax.model.document import Paper, Resolution
from smtpfax.model.expression import Expression
from smtpfax.model.records import account_from, faxbox_from, user_from

ANN, EVE = mailbox("ann@acme.example"), mailbox("eve@stranger.example")
NOTHING: frozenset[Proof] = frozenset()
DMARC, NETWORK, AUTH = frozenset({Proof.DMARC}), frozenset({Proof.NETWORK}), frozenset({Proof.AUTH})

MATCHING = [
    ("ann@acme.example", "ann@acme.example", True),
    ("Ann@ACME.example", "aNN@acme.example", True),
    ("*@acme.example", "anybody@acme.example", True),
    ("*@*.acme.example", "ann@mail.acme.example", True),
    ("*@*.acme.example", "ann@a.b.acme.example", True),
    ("*", "eve@stranger.example", True),
    # A pattern is anchored and no regular expression: each of these is let in by Kazoo's rule.
    ("ann@acme.example", "xann@acme.example", False),
    ("ann@acme.example", "ann@acme.example.evil.example", False),
    ("ann@acme.example", "ann@acmeXexample", False),
    (".*@acme.example", "eve@acme.example", False),
    (r"\S+@acme\.example", "eve@acme.example", False),
    ("*@acme.example", "ann@mail.acme.example", False),
    ("*@acme.example", "ann@evilacme.example", False),
    ("*@*.acme.example", "ann@acme.example", False),
    ("*@*.acme.example", "ann@evilacme.example", False),
    ("a*@acme.example", "ann@acme.example", False),
    ("@acme.example", "ann@acme.example", False),
    ("acme.example", "ann@acme.example", False),
    ("*@*", "ann@acme.example", False),
    ("", "ann@acme.example", False),
]


@pytest.mark.parametrize(("pattern", "path", "matches"), MATCHING)
def test_a_pattern_is_anchored(pattern: str, path: str, matches: bool) -> None:
    assert Permission(pattern=pattern, proofs=DMARC).matches(mailbox(path)) is matches


@pytest.mark.parametrize("pattern", ["*", "", "@", "*@", "*@*."])
def test_the_null_reverse_path_matches_nothing(pattern: str) -> None:
    assert not Permission(pattern=pattern, proofs=DMARC).matches(NULL)


def box(name: str, *permissions: tuple[str, frozenset[Proof]], owner: str = "", domain: str = "") -> Faxbox:
    return Faxbox(
        id=name,
        account_id="acme",
        name=name,
        owner=owner,
        fax_domains=(domain,) if domain else (),
        permissions=tuple(Permission(pattern=pattern, proofs=proofs) for pattern, proofs in permissions),
    )


ACCOUNT = Account(id="acme", name="Acme", fax_domains=("acme-fax.example",))


def chosen(
    *boxes: Faxbox, domain: str = "fax.example", path: str = "ann@acme.example", **proofs: frozenset[Proof]
) -> Choice:
    directory = Directory.of([ACCOUNT], boxes)
    held, pending = proofs.get("held", NOTHING), proofs.get("pending", NOTHING)
    return choose(directory, domain, mailbox(path), held=held, pending=pending)


SALES = box("sales", ("*@acme.example", AUTH | DMARC), ("*", NETWORK), domain="fax.example")


def test_a_domain_of_nobody_comes_to_nothing() -> None:
    assert chosen(SALES, domain="other.example") == Choice()


@pytest.mark.parametrize(
    ("path", "held", "pending", "standing", "awaited"),
    [
        ("ann@acme.example", AUTH, NOTHING, Standing.HELD, NOTHING),
        ("ann@acme.example", NETWORK, NOTHING, Standing.HELD, NOTHING),
        ("ann@acme.example", NETWORK, DMARC, Standing.HELD, NOTHING),
        ("ann@acme.example", NOTHING, DMARC | frozenset({Proof.DKIM}), Standing.PENDING, DMARC),
        ("ann@acme.example", frozenset({Proof.SPF}), NOTHING, Standing.NONE, NOTHING),
        ("ann@acme.example", NOTHING, NOTHING, Standing.NONE, NOTHING),
        ("eve@stranger.example", AUTH | DMARC, DMARC, Standing.NONE, NOTHING),
        ("eve@stranger.example", NETWORK, NOTHING, Standing.HELD, NOTHING),
    ],
)
def test_permissions_that_match_are_a_union_and_any_one_proof_is_enough(
    path: str, held: frozenset[Proof], pending: frozenset[Proof], standing: Standing, awaited: frozenset[Proof]
) -> None:
    choice = chosen(SALES, path=path, held=held, pending=pending)
    assert (choice.faxbox, choice.account) == (SALES, ACCOUNT)
    assert (choice.standing, choice.awaited) == (standing, awaited)


def test_a_permission_without_proofs_and_a_faxbox_without_permissions_let_nobody_in() -> None:
    every = frozenset(Proof)
    assert chosen(box("a", ("*", NOTHING), domain="fax.example"), held=every).standing is Standing.NONE
    assert chosen(box("b", domain="fax.example"), held=every, pending=every).standing is Standing.NONE


def test_ownership_selects_and_does_not_permit() -> None:
    owned = box("owned", owner="ann@acme.example")
    other = box("other", ("*", NETWORK))
    choice = chosen(owned, other, domain="acme-fax.example", held=NETWORK)
    assert choice == Choice(account=ACCOUNT, faxbox=owned)


@pytest.mark.parametrize(
    ("boxes", "selected"),
    [
        ([box("a", ("*", NETWORK)), box("b", ("*", AUTH))], "a"),
        ([box("a", ("*", DMARC)), box("b", ("*", AUTH))], "a"),
        ([box("a", ("*", NETWORK)), box("b", ("*", DMARC))], ""),  # held and pending: two that would do
        ([box("a", ("*", AUTH))], ""),
        ([box("a", ("*", NETWORK), owner="ann@acme.example"), box("b", ("*", AUTH), owner="ann@acme.example")], "a"),
        ([], ""),
    ],
)
def test_without_an_owner_the_only_one_that_may_be_used_is_chosen(boxes: list[Faxbox], selected: str) -> None:
    choice = chosen(*boxes, domain="acme-fax.example", held=NETWORK, pending=DMARC)
    assert choice.account == ACCOUNT
    assert (choice.faxbox.id if choice.faxbox else "") == selected
    assert (choice.standing is Standing.NONE) == (not selected)


def test_the_null_reverse_path_owns_no_faxbox() -> None:
    directory = Directory.of([ACCOUNT], [box("a", ("*", NETWORK)), box("b", owner="")])
    assert choose(directory, "acme-fax.example", NULL, held=NETWORK, pending=DMARC) == Choice(account=ACCOUNT)


def test_only_what_the_content_brings_is_late() -> None:
    assert frozenset({Proof.DKIM, Proof.DMARC}) == LATE


def test_a_directory_finds_by_domain_number_and_ids() -> None:
    sales = Faxbox(id="sales", account_id="acme", name="", number="+12025550100", fax_domains=("fax.example",))
    directory = Directory.of([ACCOUNT], [sales])
    assert directory.of_domain("fax.example") is sales
    assert directory.of_domain("acme-fax.example") is ACCOUNT
    assert directory.of_domain("x.example") is None
    assert directory.of_number("+12025550100") is directory.faxbox("acme", "sales") is sales
    assert directory.of_number("") is directory.faxbox("acme", "x") is directory.faxbox("x", "sales") is None
    assert directory.of_account("acme") == (sales,)
    assert Directory().of_domain("fax.example") is None


@pytest.mark.parametrize(
    "boxes",
    [
        [box("a", domain="fax.example"), box("b", domain="fax.example")],
        [box("a", domain="acme-fax.example")],
        [Faxbox(id="a", account_id="nobody", name="")],
        [Faxbox(id=name, account_id="acme", name="", number="+12025550100") for name in "ab"],
    ],
)
def test_what_two_claim_is_refused_with_both_their_names(boxes: list[Faxbox]) -> None:
    with pytest.raises(BadDirectory, match="a"):
        Directory.of([ACCOUNT], boxes)


def test_records_have_the_defaults_of_the_contract() -> None:
    account = account_from({"id": "acme", "name": "Acme", "timezone": "America/New_York"})
    faxbox = faxbox_from({"id": "sales", "name": "Sales", "permissions": [{"reverse_path": "*"}]}, account)
    assert account.proofs == frozenset({Proof.AUTH, Proof.DMARC})
    assert faxbox.permissions == (Permission(pattern="*", proofs=account.proofs),)
    assert (faxbox.timezone, faxbox.tries, faxbox.retention_days) == ("America/New_York", 3, 90)
    assert (faxbox.paper, faxbox.resolution) == (Paper.LETTER, Resolution.FINE)
    assert user_from({"email": "Ann@acme.example"}).reverse_paths == {"ann@acme.example"}


def test_records_read_what_apply_writes() -> None:
    user = {"email": "ann@acme.example", "reverse_paths": ["Scan@acme.example"], "role": "administrator"}
    account = account_from({"id": "a", "name": "A", "proof": ["network"], "fax_domains": ["A.Example"]}, [user])
    data = {
        "id": "s",
        "name": "S",
        "owner": "Ann@acme.example",
        "fax_domains": ["Fax.B\u00fccher.Example"],
        "backend": "line",
        "resolution": "superfine",
        "permissions": [{"reverse_path": "*", "proof": ["spf"]}, {"reverse_path": "a@b.example"}],
        "notifications": {"outbound": {"email": {"send_to": ["ann@acme.example"]}}},
    }
    faxbox = faxbox_from(data, account)
    assert account.users[0].administrator
    assert account.users[0].reverse_paths == {"scan@acme.example"}
    assert account.fax_domains == ("a.example",)  # as addresses are parsed: Kazoo never finds an upper-case one
    assert faxbox.fax_domains == ("fax.xn--bcher-kva.example",)
    assert faxbox.owner == "ann@acme.example"
    assert faxbox.backends == ("line",)
    assert faxbox_from(data | {"backend": ["line", "kazoo"]}, account).backends == ("line", "kazoo")
    assert faxbox.resolution is Resolution.SUPERFINE
    assert [permission.proofs for permission in faxbox.permissions] == [{Proof.SPF}, {Proof.NETWORK}]
    assert faxbox.notify == ("ann@acme.example",)


def test_kazoos_entries_stand_beside_our_own_with_the_accounts_proofs() -> None:
    account = account_from({"id": "a", "name": "A", "proof": ["spf"]})
    data = {
        "id": "s",
        "permissions": [{"reverse_path": "*", "proof": ["network"]}],
        "smtp_permission_list": [r".*@acme\.example", "joe@x.example"],
    }
    own, first, second = faxbox_from({"name": "S", **data}, account).permissions
    assert own == Permission(pattern="*", proofs=frozenset({Proof.NETWORK}))
    assert first == Permission(pattern=Expression(r".*@acme\.example"), proofs=frozenset({Proof.SPF}))
    assert first.matches(mailbox("ann@acme.example"))
    assert second.matches(mailbox("JOE@x.example"))
    assert not second.matches(mailbox("joe@x.example.evil.example"))
    assert not second.matches(NULL)
