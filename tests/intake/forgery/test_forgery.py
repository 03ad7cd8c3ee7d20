"""The forgery suite: whatever is made up, nothing is faxed in another's name; whatever is honest, is.

Every row goes the way of a transaction: early proofs, `choose`, and the late proofs if the choice awaits them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import pytest

from smtpfax.intake.proofs.dkim import Witness
from smtpfax.intake.proofs.gather import Gatherer, late_reply
from smtpfax.intake.proofs.play import Trust
from smtpfax.model.account import Account, Directory, Faxbox, Permission, Proof, User
from smtpfax.model.address import NULL, domain_name, forward_path, mailbox
from smtpfax.model.choice import Standing, choose
from smtpfax.model.errors import Temporary
from smtpfax.model.expression import Expression
from smtpfax.model.mail import Client
from tests.intake.forgery.forge import (
    ACME_MX,
    CYRILLIC,
    EVE,
    FAX,
    FOLDER,
    KELVIN,
    MAILS,
    OTHER,
    RELAY,
    SCANNER,
    ZONE,
)
from tests.intake.proofs.signer import NOW
from tests.intake.proofs.zone import SILENT, Table, Zone

TRUST = Trust(
    trusted=(ip_network("10.0.0.0/8"), ip_network("192.0.2.0/24")),
    relays=(ip_network("192.0.2.25/32"),),
    authserv_id="mx.fax.example",
)
ANN = User(email="ann@acme.example", reverse_paths=frozenset({"ann@acme.example", "scanner@acme.example"}))
KATE = User(email="kate@acme.example", reverse_paths=frozenset({"kate@acme.example"}))
EVES = User(email="eve@evil.example", reverse_paths=frozenset({"eve@evil.example", "ann@acme.example"}))
ANY = frozenset(Proof)
OF_CONTENT = frozenset({Proof.DKIM, Proof.DMARC})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A transaction; unless told otherwise, Eve's."""

    mail: str = "unsigned"
    path: str = "ann@acme.example"
    proofs: frozenset[Proof] = ANY
    pattern: str | Expression = "*@acme.example"
    client: str = EVE
    user: str = ""
    to: tuple[str, ...] = (FAX,)
    trust: Trust = TRUST
    zone: Table = field(default_factory=lambda: ZONE)

    @property
    def directory(self) -> Directory:
        accounts = [Account(id="acme", name="Acme", users=(ANN, KATE)), Account(id="evil", name="Evil", users=(EVES,))]
        permission = Permission(pattern=self.pattern, proofs=self.proofs)
        box = Faxbox(id="f", account_id="acme", name="F", fax_domains=("fax.example",), permissions=(permission,))
        return Directory.of(accounts, [box])


async def faxed(case: Case) -> bool:
    """Whether the mail is taken."""
    gatherer = Gatherer(
        resolver=Zone(case.zone), clock=lambda: datetime.fromtimestamp(NOW, UTC), trust=lambda: case.trust
    )
    path = mailbox(case.path) if case.path else NULL
    bare = Client(address=ip_address(case.client), helo="mx.evil.example", user=case.user)
    recipients = [forward_path(f"<{to}>") for to in case.to]
    awaited, client = frozenset[Proof](), bare
    for to in recipients:
        client = replace(bare, proofs=await gatherer.early(bare, path, directory=case.directory, domain=to.domain))
        pending = gatherer.pending(client, path)
        choice = choose(case.directory, to.domain, path, held=client.held, pending=pending)
        if path.null or choice.standing is Standing.NONE:
            return False
        awaited = choice.awaited if choice.standing is Standing.PENDING else frozenset()
    if not awaited:
        return True
    witness = Witness()
    witness.feed(MAILS[case.mail])
    found = await gatherer.late(client, path, witness, awaited=awaited, recipients=recipients)
    assert all(each.reason for each in found)
    return late_reply(found) is None


HONEST: Mapping[str, Case] = {
    "signed, for dkim": Case(mail="genuine", proofs=frozenset({Proof.DKIM})),
    "signed, for dmarc": Case(mail="genuine", proofs=frozenset({Proof.DMARC})),
    "signed, for an expression of Kazoo's": Case(mail="genuine", pattern=Expression(r".*@(mail\.)?acme\.example")),
    "signed, the fax in Cc": Case(mail="by-cc", proofs=frozenset({Proof.DMARC})),
    "signed, from a path below the domain": Case(
        mail="genuine", path="ann@bounce.acme.example", pattern="*@*.acme.example", proofs=OF_CONTENT
    ),
    "signed, through a relay that says nothing": Case(mail="genuine", client=RELAY, proofs=OF_CONTENT),
    "from the domain's server, for spf": Case(client=ACME_MX, trust=Trust(), proofs=frozenset({Proof.SPF})),
    "from the domain's server, for dmarc": Case(client=ACME_MX, trust=Trust(), proofs=frozenset({Proof.DMARC})),
    "from a scanner": Case(client=SCANNER, proofs=frozenset({Proof.NETWORK})),
    "signed in": Case(user="ann@acme.example", proofs=frozenset({Proof.AUTH})),
    "signed in, for another path of one's own": Case(user="ANN@acme.example", path="Scanner@acme.example"),
    "a relay says spf": Case(mail="results", client=RELAY, proofs=frozenset({Proof.SPF})),
    "a relay says dmarc": Case(mail="results", client=RELAY, proofs=frozenset({Proof.DMARC})),
    "a relay says dkim": Case(mail="results-dkim", client=RELAY, proofs=frozenset({Proof.DKIM})),
}
FORGED: Mapping[str, Case] = {
    "nothing is proven": Case(),
    "everything is changed but the signature": Case(mail="body-added"),
    "a signature with l= and something behind it": Case(mail="body-added-behind-l"),
    "played again to another number": Case(mail="genuine", to=(OTHER,)),
    "played again to another number as well": Case(mail="genuine", to=(FAX, OTHER)),
    "played again with another To on top": Case(mail="to-added", to=(OTHER,)),
    "played again with a Cc": Case(mail="cc-added", to=(OTHER,)),
    "played again with a Cc that breaks no signature": Case(mail="loose-cc-added", to=(OTHER,)),
    "played again with another To": Case(mail="to-replaced", to=(OTHER,)),
    "played again after weeks": Case(mail="captured-long-ago"),
    "played again, who knows when": Case(mail="captured-without-a-date"),
    "a relay passed on a mail played again after weeks": Case(mail="results-dkim-old", client=RELAY),
    "a colleague's mail played again": Case(mail="to-a-colleague"),
    "an answer to a display name that is a fax address": Case(mail="to-in-a-display-name", to=(OTHER,)),
    "a second From on top": Case(mail="two-froms-eve-first"),
    "a second From below": Case(mail="two-froms-eve-last"),
    "two Froms, signed by Eve": Case(mail="two-froms-by-eve"),
    "Ann's From, signed by Eve": Case(mail="by-eve-as-ann"),
    "Eve's mail with Ann's reverse-path": Case(mail="by-eve-as-eve"),
    "Eve's own reverse-path": Case(mail="by-eve-as-eve", path="eve@evil.example"),
    "SPF of Eve's path, From of Ann": Case(mail="by-eve-as-ann", path="eve@evil.example"),
    "an address in the display name": Case(mail="display-name"),
    "a quoted address in the display name": Case(mail="display-name-quoted"),
    "From is a group": Case(mail="from-group"),
    "From has a comment": Case(mail="from-comment"),
    "From has a route": Case(mail="from-route"),
    "From has two authors": Case(mail="from-two-authors"),
    "From has two authors of the domain": Case(mail="from-two-authors-signed", proofs=frozenset({Proof.DMARC})),
    "a homoglyph": Case(mail="homoglyph", path="ann@\u0430cme.example"),
    "a homoglyph in its ASCII form": Case(mail="homoglyph", path=f"ann@{CYRILLIC}"),
    "a homoglyph in From alone": Case(mail="homoglyph"),
    "a name that ends alike": Case(mail="look-alike", path="ann@evilacme.example"),
    "a name that ends alike, for what is below": Case(
        mail="look-alike", path="ann@evilacme.example", pattern="*@*.acme.example"
    ),
    "a name that begins alike": Case(mail="look-alike-below", path="ann@acme.example.evil.example"),
    "a local-part that ends alike": Case(mail="genuine", path="xann@acme.example", pattern="ann@acme.example"),
    "a local-part that begins alike": Case(mail="genuine", path="annx@acme.example", pattern="ann@acme.example"),
    "a dot is no wildcard": Case(mail="genuine", path="annxb@acme.example", pattern="ann.b@acme.example"),
    "an expression of Kazoo's is not searched for: what follows": Case(
        mail="look-alike-below", path="ann@acme.example.evil.example", pattern=Expression("ann@acme.example")
    ),
    "an expression of Kazoo's is not searched for: what precedes": Case(
        mail="genuine", path="xann@acme.example", pattern=Expression("ann@acme.example")
    ),
    "a dot in an expression's domain is no wildcard": Case(
        mail="genuine", path="ann@acme.example", pattern=Expression(".*@ac.e.example")
    ),
    "an expression of Kazoo's and a look-alike": Case(
        mail="look-alike", path="ann@evilacme.example", pattern=Expression(".*@acme.example")
    ),
    "an expression of Kazoo's and no proof": Case(pattern=Expression(".*")),
    "an expression of Kazoo's and a Kelvin sign": Case(
        mail="kelvin", path=KELVIN, pattern=Expression("kate@acme.example")
    ),
    "an expression of Kazoo's and the null reverse-path": Case(path="", client=SCANNER, pattern=Expression(".*")),
    "the domain, where what is below is permitted": Case(mail="genuine", pattern="*@*.acme.example"),
    "a neighbour below a public suffix": Case(
        mail="neighbour-below-a-public-suffix", path="ann@shop.co.uk", pattern="*@shop.co.uk"
    ),
    "no DMARC record": Case(
        mail="no-dmarc-record",
        path="ann@unpublished.example",
        pattern="*@unpublished.example",
        proofs=frozenset({Proof.DMARC}),
    ),
    "an SPF record for everybody": Case(mail="lax", path="ann@lax.example", pattern="*@lax.example"),
    "a Kelvin sign, signed": Case(mail="kelvin", path=KELVIN, pattern="kate@acme.example"),
    "a Kelvin sign, from a scanner": Case(path=KELVIN, pattern="kate@acme.example", client=SCANNER),
    "a Kelvin sign, signed in": Case(path=KELVIN, pattern="kate@acme.example", user="kate@acme.example"),
    "the null reverse-path, signed": Case(mail="genuine", path=""),
    "the null reverse-path, from a scanner": Case(mail="genuine", path="", client=SCANNER, pattern="*"),
    "the null reverse-path, signed in": Case(mail="genuine", path="", user="ann@acme.example", pattern="*"),
    "Eve wrote the results herself": Case(mail="results"),
    "Eve wrote the results, through a relay whose word does not count": Case(
        mail="results", client=RELAY, trust=replace(TRUST, authserv_id="")
    ),
    "the results of a server that is not ours": Case(mail="results-of-a-stranger", client=RELAY),
    "older results below the relay's": Case(mail="results-old", client=RELAY),
    "results of Eve's own": Case(mail="results-of-eve", client=RELAY),
    "results that cannot be read": Case(mail="results-unreadable", client=RELAY),
    "results of dmarc without what it stands on": Case(mail="results-dmarc-alone", client=RELAY),
    "a relay passed on a mail played again": Case(mail="results-dkim-replayed", client=RELAY),
    "a relay passed on a mail played again, with a false signature": Case(
        mail="results-dkim-with-a-false-signature", client=RELAY
    ),
    "a relay passed on a signature with l=": Case(mail="results-dkim-with-l", client=RELAY),
    "a relay passed on a mail that Eve signed as well": Case(mail="results-dkim-of-eve", client=RELAY),
    "a relay passed on two Froms": Case(mail="results-dkim-two-froms", client=RELAY),
    "a relay passed on a signature with l=, beside a false one": Case(
        mail="results-dkim-with-l-and-a-false-signature", client=RELAY
    ),
    "a relay found that DMARC fails": Case(mail="results-dmarc-fails", client=RELAY, proofs=frozenset({Proof.DMARC})),
    "a relay found that DMARC passes for another From": Case(
        mail="results-dmarc-of-eve", client=RELAY, proofs=frozenset({Proof.DMARC})
    ),
    "a relay found SPF for another path": Case(mail="results-spf-of-eve", client=RELAY),
    "the results of nobody, where nobody's count": Case(
        mail="results-of-nobody", client=RELAY, trust=replace(TRUST, authserv_id="")
    ),
    "the relay stands in the SPF record": Case(client=RELAY),
    "signed in as somebody else": Case(user="kate@acme.example"),
    "signed in to another account": Case(user="eve@evil.example"),
    "signed in with a path that is not one's own": Case(user="ann@acme.example", path="ben@acme.example"),
    "a proof that no permission asks for": Case(mail="genuine", proofs=frozenset({Proof.AUTH, Proof.NETWORK})),
}


@pytest.mark.parametrize("case", HONEST.values(), ids=HONEST.keys())
async def test_what_is_honest_is_faxed(case: Case) -> None:
    assert await faxed(case)


@pytest.mark.parametrize("case", FORGED.values(), ids=FORGED.keys())
async def test_what_is_forged_is_not_faxed(case: Case) -> None:
    assert not await faxed(case)


SILENCE: Mapping[str, Case] = {
    "SPF": Case(zone={**ZONE, "acme.example": {"TXT": SILENT}}, proofs=frozenset({Proof.SPF})),
    "SPF, which DMARC needs": Case(zone={**ZONE, "acme.example": {"TXT": SILENT}}, proofs=frozenset({Proof.DMARC})),
    "SPF, where a signature might have done": Case(
        zone={**ZONE, "acme.example": {"TXT": SILENT}}, proofs=frozenset({Proof.SPF, Proof.DKIM})
    ),
    "the key": Case(mail="genuine", zone={**ZONE, "x._domainkey.acme.example": {"TXT": SILENT}}, proofs=OF_CONTENT),
    "the policy": Case(
        mail="genuine", zone={**ZONE, "_dmarc.acme.example": {"TXT": SILENT}}, proofs=frozenset({Proof.DMARC})
    ),
    "an alignment": Case(
        mail="genuine",
        path="ann@bounce.acme.example",
        pattern="*@*.acme.example",
        zone={**ZONE, "_dmarc.bounce.acme.example": {"TXT": SILENT}},
        proofs=frozenset({Proof.DKIM}),
    ),
}


@pytest.mark.parametrize("case", SILENCE.values(), ids=SILENCE.keys())
async def test_silence_of_dns_is_neither_a_yes_nor_a_no(case: Case) -> None:
    with pytest.raises(Temporary) as fault:
        await faxed(case)
    assert fault.value.sentence.code == 451


async def test_silence_of_dns_does_not_matter_where_another_proof_holds() -> None:
    silent = {**ZONE, "acme.example": {"TXT": SILENT}}
    assert await faxed(Case(zone=silent, user="ann@acme.example"))
    assert await faxed(Case(zone=silent, client=SCANNER))
    assert await faxed(Case(zone=silent, mail="genuine"))


async def test_dns_is_not_asked_for_proofs_that_are_not_in_play() -> None:
    zone = Zone(ZONE)
    gatherer = Gatherer(resolver=zone, clock=lambda: datetime.fromtimestamp(NOW, UTC), trust=lambda: TRUST)
    client = Client(address=ip_address(EVE))
    for case in (Case(proofs=frozenset({Proof.AUTH})), Case(pattern="*@other.example")):
        await gatherer.early(client, mailbox(case.path), directory=case.directory, domain=domain_name("fax.example"))
    await gatherer.early(client, NULL, directory=Case(pattern="*").directory, domain="fax.example")
    assert zone.asked == []


def test_the_mails_in_the_folder_are_those_of_the_table() -> None:
    assert {path.stem: path.read_bytes() for path in FOLDER.glob("*.eml")} == MAILS
