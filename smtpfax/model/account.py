"""Accounts, users, faxboxes and permissions: who may fax, and as whom.

In:    what `apply` and the API say of them, already checked for shape.
Out:   frozen records, and the Directory that finds them by domain, number and reverse-path without I/O.
Fails: BadDirectory, when two faxboxes claim the same domain or number.

Rule: a permission's pattern is anchored: an address, `*@domain`, `*@*.domain` or `*`, or an expression that matches
the whole of it; the bare reverse-path never permits, some proof must stand behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from .address import ReversePath, folded
from .caps import NO_CAPS, Caps
from .dialling import NOTHING_SAID, Dialling
from .document import Paper, Resolution
from .expression import Expression
from .webhook import Webhook


class BadDirectory(ValueError):
    """Two records that cannot both be: the message names them."""


class Proof(StrEnum):
    """What shows that the client may use the reverse-path."""

    AUTH = "auth"
    NETWORK = "network"
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"


LATE = frozenset({Proof.DKIM, Proof.DMARC})  # proofs that only the content can give


class Body(StrEnum):
    """What becomes of a mail's text."""

    PAGE = "page"  # always a page
    COVER = "cover"  # on the cover page, where it is not a page
    ALONE = "alone"  # a page if there is no document
    NEVER = "never"


class Logos(StrEnum):
    """What becomes of pictures that belong to the letterhead of a mail."""

    DROP = "drop"
    KEEP = "keep"


# In so many earlier mails of a reverse-path a picture must have been, to be called a logo for that alone.
LOGO_MAILS = 5


class Quotes(StrEnum):
    """What becomes of what a mail's text repeats from earlier mails, and of the signature below it."""

    KEEP = "keep"
    CUT = "cut"


class CoverWhen(StrEnum):
    """Whether a document begins with a cover page."""

    ALWAYS = "always"
    WITH_BODY = "with_body"  # when the mail has a text for it
    NEVER = "never"


class CoverLook(StrEnum):
    """The covers there are."""

    PLAIN = "plain"
    LETTER = "letter"
    BARE = "bare"


class InboundMail(StrEnum):
    """How the mail about a received fax brings it."""

    ATTACH = "attach"
    LINK = "link"  # the mail has no content of the fax (health data)


class Reading(StrEnum):
    """What becomes of a document that will be hard to read at the far side."""

    WARN = "warn"
    REFUSE = "refuse"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """A rule that lets reverse-paths use a faxbox, and the proofs of which any one is enough."""

    pattern: str | Expression
    proofs: frozenset[Proof]

    def matches(self, path: ReversePath) -> bool:
        """Anchored and without regard to case; the null reverse-path matches nothing."""
        if path.null:
            return False
        if isinstance(self.pattern, Expression):
            return self.pattern.matches(path)
        pattern = folded(self.pattern)
        if pattern == "*":
            return True
        local, _, domain = pattern.rpartition("@")
        if local not in ("*", folded(path.local_part)):
            return False
        if domain.startswith("*."):
            return path.domain.endswith(domain[1:])
        return path.domain == domain


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person (or a machine) of an account."""

    email: str
    reverse_paths: frozenset[str]  # lower-cased
    administrator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The tenant that owns faxboxes."""

    id: str
    name: str
    region: str = "US"  # ISO 3166-1 alpha-2: how numbers without + are read
    timezone: str = "UTC"
    proofs: frozenset[Proof] = frozenset({Proof.AUTH, Proof.DMARC})  # for permissions that name none
    fax_domains: tuple[str, ...] = ()
    users: tuple[User, ...] = ()
    dial: Dialling = NOTHING_SAID
    caps: Caps = NO_CAPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Faxbox:
    """A virtual fax machine: domains, permissions, identity, backend and habits."""

    id: str
    account_id: str
    name: str
    owner: str = ""  # a user's e-mail address, lower-cased
    fax_domains: tuple[str, ...] = ()
    number: str = ""  # E.164; identity, and where inbound faxes land
    header: str = ""
    backends: tuple[str, ...] = ()
    tries: int = 3
    caller_name: str = ""
    timezone: str = "UTC"
    paper: Paper = Paper.LETTER
    resolution: Resolution = Resolution.FINE
    body: Body = Body.ALONE
    logos: Logos = Logos.DROP
    quotes: Quotes = Quotes.KEEP
    cover: CoverWhen = CoverWhen.NEVER
    cover_look: CoverLook = CoverLook.PLAIN
    cover_note: str = ""  # of confidentiality
    legibility: Reading = Reading.WARN
    return_content: bool = False
    retention_days: int = 90
    permissions: tuple[Permission, ...] = ()
    dial: Dialling = NOTHING_SAID
    caps: Caps = NO_CAPS
    caps_each: Caps = NO_CAPS  # of each reverse-path
    first_time_guard: bool = False
    notify: tuple[str, ...] = ()  # notifications.outbound.email.send_to
    notify_inbound: tuple[str, ...] = ()  # notifications.inbound.email.send_to
    webhook: Webhook | None = None  # notifications.outbound.callback
    inbound_mail: InboundMail = InboundMail.ATTACH
    service_cover: str = ""  # a cover of the fax service's own, by its name or index there; empty: none
    service_cover_text: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """All accounts and faxboxes at one moment; made anew when they change, never altered."""

    accounts: Mapping[str, Account] = field(default_factory=dict)
    faxboxes: Mapping[tuple[str, str], Faxbox] = field(default_factory=dict)  # by (account id, faxbox id)
    _by_domain: Mapping[str, Faxbox | Account] = field(default_factory=dict)
    _by_number: Mapping[str, Faxbox] = field(default_factory=dict)

    @classmethod
    def of(cls, accounts: Iterable[Account], faxboxes: Iterable[Faxbox]) -> Directory:
        """Index them; a domain or number that two of them claim is refused."""
        by_id = {account.id: account for account in accounts}
        boxes = tuple(faxboxes)
        by_domain: dict[str, Faxbox | Account] = {}
        by_number: dict[str, Faxbox] = {}
        owners: list[Account | Faxbox] = [*by_id.values(), *boxes]
        for owner in owners:
            for domain in owner.fax_domains:
                if by_domain.setdefault(domain, owner) is not owner:
                    raise BadDirectory(f"fax domain {domain} is claimed by {owner.id} and {by_domain[domain].id}")
        for box in boxes:
            if box.account_id not in by_id:
                raise BadDirectory(f"faxbox {box.id} belongs to no account ({box.account_id})")
            if box.number and by_number.setdefault(box.number, box) is not box:
                raise BadDirectory(f"number {box.number} is claimed by {box.id} and {by_number[box.number].id}")
        keyed = {(box.account_id, box.id): box for box in boxes}
        frozen = (MappingProxyType(by_id), MappingProxyType(keyed))
        return cls(*frozen, MappingProxyType(by_domain), MappingProxyType(by_number))

    def of_domain(self, domain: str) -> Faxbox | Account | None:
        """Whose fax domain it is."""
        return self._by_domain.get(domain)

    def of_number(self, e164: str) -> Faxbox | None:
        """Whose number it is, over all accounts."""
        return self._by_number.get(e164)

    def of_account(self, account_id: str) -> tuple[Faxbox, ...]:
        """The faxboxes of an account."""
        return tuple(box for box in self.faxboxes.values() if box.account_id == account_id)

    def faxbox(self, account_id: str, faxbox_id: str) -> Faxbox | None:
        """One faxbox by its ids."""
        return self.faxboxes.get((account_id, faxbox_id))
