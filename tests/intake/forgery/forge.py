"""The mails of the forgery suite, honest and forged, as they stand in mails/*.eml for whoever sends them over a wire.

`python -m tests.intake.forgery.forge` writes them anew; a test holds the files to this table.
"""

from __future__ import annotations

from pathlib import Path

from tests.intake.proofs.signer import KEY, NOW, sign
from tests.intake.proofs.zone import Table

FOLDER = Path(__file__).parent / "mails"
FAX = "+12025550123@fax.example"
OTHER = "+19005550100@fax.example"  # where the forger would like to fax
CYRILLIC = "xn--cme-5cd.example"  # acme.example with a Cyrillic first letter
KELVIN = "\u212aate@acme.example"  # kate@acme.example in lower case
RELAY, ACME_MX, EVE, SCANNER = "192.0.2.25", "192.0.2.1", "198.51.100.66", "10.0.0.7"

_EVES = ("evil.example", CYRILLIC, "evilacme.example", "acme.example.evil.example", "evil.co.uk")
ZONE: Table = {
    # The relay stands in the SPF record of the domain it serves, as it would.
    "acme.example": {"TXT": [f"v=spf1 ip4:{ACME_MX} ip4:{RELAY} -all"]},
    "_dmarc.acme.example": {"TXT": ["v=DMARC1; p=reject"]},
    "_dmarc.co.uk": {"TXT": ["v=DMARC1; p=reject; psd=y"]},
    "lax.example": {"TXT": ["v=spf1 +all"]},
    "unpublished.example": {"TXT": [f"v=spf1 ip4:{EVE} -all"]},
    **{f"x._domainkey.{name}": {"TXT": [KEY]} for name in ("acme.example", "unpublished.example", *_EVES)},
    **{name: {"TXT": [f"v=spf1 ip4:{EVE} -all"]} for name in _EVES},
    **{f"_dmarc.{name}": {"TXT": ["v=DMARC1; p=none"]} for name in _EVES},
}


def mail(from_: str = "Ann <ann@acme.example>", to: str = FAX, more: str = "", body: str = "Dear all,\r\n") -> bytes:
    """A mail without a signature."""
    return f"From: {from_}\r\nTo: {to}\r\nSubject: Offer\r\n{more}\r\n{body}".encode()


def told(result: str, server: str = "mx.fax.example") -> bytes:
    """An Authentication-Results field."""
    return f"Authentication-Results: {server}; {result}\r\n".encode()


GENUINE = sign(mail())
COLLEAGUES = sign(mail(to="Ben <ben@acme.example>"))  # whoever received it may play it again
LOOSE = sign(mail(to="Ben <ben@acme.example>"), fields=("from", "to", "subject"))  # holds with any Cc on top
# Eve's field that says a Cc was signed, and the Cc, above a mail of Ann's to a colleague.
ADDED = sign(mail(more=f"Cc: {FAX}\r\n")).split(b"From:")[0] + f"Cc: {FAX}\r\n".encode()
_DMARC = "dmarc=pass header.from=acme.example"
_SPF = "spf=pass smtp.mailfrom=ann@acme.example"
MAILS: dict[str, bytes] = {
    "genuine": GENUINE,
    "unsigned": mail(),
    "by-cc": sign(mail(to="Ben <ben@acme.example>", more=f"Cc: Fax <{FAX}>\r\n")),
    "to-a-colleague": COLLEAGUES,
    "loose-cc-added": f"Cc: {OTHER}\r\n".encode() + LOOSE,
    "to-added": f"To: {OTHER}\r\n".encode() + GENUINE,
    "cc-added": f"Cc: {OTHER}\r\n".encode() + GENUINE,
    "to-replaced": GENUINE.replace(FAX.encode(), OTHER.encode()),
    "to-in-a-display-name": sign(mail(to=f'"{OTHER}" <eve@evil.example>')),
    "body-added": GENUINE + b"Pay to another account.\r\n",
    "body-added-behind-l": sign(mail(), extra=" l=11;") + b"Pay to another account.\r\n",
    "two-froms-eve-first": b"From: eve@evil.example\r\n" + GENUINE,
    "two-froms-eve-last": GENUINE.replace(b"\r\n\r\n", b"\r\nFrom: eve@evil.example\r\n\r\n", 1),
    "two-froms-by-eve": sign(b"From: ann@acme.example\r\n" + mail("eve@evil.example"), "evil.example"),
    "captured-long-ago": sign(mail(), made=NOW - 15 * 86_400),
    "captured-without-a-date": sign(mail(), made=None),
    "by-eve-as-ann": sign(mail(), "evil.example"),
    "by-eve-as-eve": sign(mail("eve@evil.example"), "evil.example"),
    "display-name": sign(mail("ann@acme.example <eve@evil.example>"), "evil.example"),
    "display-name-quoted": sign(mail('"ann@acme.example" <eve@evil.example>'), "evil.example"),
    "from-group": sign(mail("Ann: ann@acme.example;"), "evil.example"),
    "from-comment": sign(mail("(ann@acme.example) eve@evil.example"), "evil.example"),
    "from-route": sign(mail("<@evil.example:ann@acme.example>"), "evil.example"),
    "from-two-authors": sign(mail("ann@acme.example, eve@evil.example"), "evil.example"),
    "from-two-authors-signed": sign(mail("ann@acme.example, ben@acme.example")),
    "homoglyph": sign(mail("Ann <ann@\u0430cme.example>"), CYRILLIC),
    "look-alike": sign(mail("ann@evilacme.example"), "evilacme.example"),
    "look-alike-below": sign(mail("ann@acme.example.evil.example"), "acme.example.evil.example"),
    "neighbour-below-a-public-suffix": sign(mail("ann@shop.co.uk"), "evil.co.uk"),
    "no-dmarc-record": sign(mail("ann@unpublished.example"), "unpublished.example"),
    "kelvin": sign(mail(KELVIN)),
    "lax": mail("ann@lax.example"),
    "results": told(f"{_SPF}; {_DMARC}") + mail(),
    "results-of-a-stranger": told(f"{_SPF}; {_DMARC}", "mx.evil.example") + mail(),
    "results-old": told("spf=fail; dmarc=fail header.from=acme.example") + told(f"{_SPF}; {_DMARC}") + mail(),
    "results-of-eve": told("spf=pass smtp.mailfrom=eve@evil.example; dmarc=pass header.from=evil.example") + mail(),
    "results-unreadable": told(f"{_SPF}; {_DMARC}; (") + mail(),
    "results-dmarc-alone": told(_DMARC) + mail(),
    "results-dkim": told(f"dkim=pass header.d=acme.example; {_DMARC}") + GENUINE,
    "results-dkim-old": told(f"dkim=pass header.d=acme.example; {_DMARC}") + sign(mail(), made=NOW - 15 * 86_400),
    "results-dkim-replayed": told(f"dkim=pass header.d=acme.example; {_DMARC}") + COLLEAGUES,
    "results-dkim-with-a-false-signature": told(f"dkim=pass header.d=acme.example; {_DMARC}") + ADDED + LOOSE,
    "results-dkim-with-l": told(f"dkim=pass header.d=acme.example; {_DMARC}")
    + sign(mail(), extra=" l=11;")
    + b"More.\r\n",
    "results-dkim-with-l-and-a-false-signature": told(f"dkim=pass header.d=acme.example; {_DMARC}")
    + GENUINE.split(b"From:")[0]
    + sign(mail(), extra=" l=11;")
    + b"More.\r\n",
    "results-dmarc-fails": told(f"{_SPF}; dmarc=fail header.from=acme.example") + mail(),
    "results-dmarc-of-eve": told(f"{_SPF}; dmarc=pass header.from=evil.example") + mail(),
    "results-spf-of-eve": told("spf=pass smtp.mailfrom=ann@evil.example") + mail(),
    "results-of-nobody": told(f"{_SPF}; {_DMARC}", '""') + mail(),
    "results-dkim-two-froms": told(f"dkim=pass header.d=acme.example; {_DMARC}")
    + b"From: eve@evil.example\r\n"
    + GENUINE,
    "results-dkim-of-eve": told(f"dkim=pass header.d=evil.example; {_DMARC}") + sign(COLLEAGUES, "evil.example"),
}


def write() -> None:
    """Write them out."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in MAILS.items():
        (FOLDER / f"{name}.eml").write_bytes(content)


if __name__ == "__main__":
    write()
