"""The door's decisions: every RCPT gets its own reply.

In:    the directory, the client with its proofs, the transaction so far, and one command's argument.
Out:   a Ruling: the reply, and what it was found for.
Fails: never; pure.

Rule: all recipients of one transaction await the same set of proofs (none, or the same pending ones) and
`postmaster@` stands alone, so that one reply after DATA is right for all; any other gets 452 4.5.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from smtpfax.model import status as say
from smtpfax.model.account import Directory, Faxbox, Proof
from smtpfax.model.address import BadAddress, ForwardPath, ReversePath, forward_path, reverse_path
from smtpfax.model.backend import Limits
from smtpfax.model.bounds import bounds_of, too_large
from smtpfax.model.caps import NO_USAGE, Usage, over_cap, scopes_of
from smtpfax.model.choice import Choice, Standing, choose
from smtpfax.model.dialect import read_address, split_domain
from smtpfax.model.dialling import judge
from smtpfax.model.mail import Client
from smtpfax.model.number import FaxNumber, NotANumber
from smtpfax.model.resting import Rest, refusal
from smtpfax.model.status import Reply

from . import parameters
from .command import BadCommand, read_mail, read_rcpt
from .parameters import NOTHING_OF_MAIL, NOTHING_OF_RCPT, MailAsks, RcptAsks

_NO_FAXBOX = "the domain is the account's: none of its faxboxes is this sender's alone, or several may be used"


_SENDER_OK = say.SENDER_OK.reply()
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class Rules(NamedTuple):  # made for each command: a dataclass that is frozen takes three times as long
    """What the settings say of one mail."""

    max_octets: int
    max_recipients: int
    limits: Mapping[str, Limits]  # by backend
    usage: Usage = NO_USAGE  # what was counted until `at`
    resting: Mapping[str, Rest] = MappingProxyType({})  # numbers that the network did not have
    at: datetime = BEFORE_ALL
    most_hold: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A reply to RCPT, with all that was found on the way to it."""

    reply: Reply
    to: str
    path: ForwardPath | None = None
    choice: Choice = Choice()
    number: FaxNumber | None = None
    fax_domain: str = ""
    original: str = ""  # the number as it was written
    to_name: str = ""  # for the cover
    asks: RcptAsks = NOTHING_OF_RCPT
    reason: str = ""

    @property
    def shown(self) -> tuple[str, str]:
        """The number as it was written, and the fax domain, for the log."""
        local_part, domain = (self.path.local_part, self.path.domain) if self.path else ("", "")
        return self.original or local_part, self.fax_domain or domain

    @property
    def awaited(self) -> frozenset[Proof]:
        """The proofs that the content still has to bring."""
        return self.choice.awaited if self.choice.standing is Standing.PENDING else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A reply to MAIL; `path` is there when it was taken."""

    reply: Reply
    path: ReversePath | None = None
    octets: int = 0  # as declared
    asks: MailAsks = NOTHING_OF_MAIL


def on_mail(argument: str, rules: Rules, *, has_space: Callable[[int], bool]) -> Sender:
    """MAIL FROM."""
    try:
        command = read_mail(argument)
        path = reverse_path(command.path)
        asks = parameters.of_mail(command.parameters, at=rules.at, most_hold=rules.most_hold)
    except BadCommand as fault:
        return Sender(reply=fault.reply)
    except BadAddress:
        return Sender(reply=say.BAD_REVERSE_PATH.reply())
    if command.size > rules.max_octets:
        return Sender(reply=say.TOO_LARGE.reply(limit=rules.max_octets), octets=command.size)
    if not has_space(command.size):
        return Sender(reply=say.NO_SPACE.reply(), octets=command.size)
    return Sender(reply=_SENDER_OK, path=path, octets=command.size, asks=asks)


def fax_domain(argument: str, directory: Directory) -> str:
    """The fax domain of RCPT's argument, as far as it can be read; proofs are asked for it before the ruling."""
    try:
        path = forward_path(read_rcpt(argument).path)
    except (BadCommand, BadAddress):
        return ""
    return split_domain(path.domain, lambda name: directory.of_domain(name) is not None)[1]


def on_rcpt(
    argument: str, *, directory: Directory, client: Client, sender: ReversePath, pending: frozenset[Proof]
) -> Ruling:
    """RCPT TO, as far as it is the same at any time; `pending` are the proofs that the content may still bring."""
    try:
        command = read_rcpt(argument)
        path = forward_path(command.path)
        asks = parameters.of_rcpt(command.parameters)
    except BadCommand as fault:
        return Ruling(reply=fault.reply, to=argument)
    except BadAddress as fault:
        return Ruling(reply=say.BAD_FORWARD_PATH.reply(), to=_shown(argument), reason=str(fault))
    if path.postmaster:
        ruling = Ruling(reply=say.POSTMASTER_OK.reply(), to=str(path), path=path)
    else:
        carried, domain = split_domain(path.domain, lambda name: directory.of_domain(name) is not None)
        choice = choose(directory, domain, sender, held=client.held, pending=pending)
        ruling = replace(_fax(path, choice, client, sender), fax_domain=domain, original=carried or path.local_part)
        if ruling.reply.ok:
            ruling = _number(ruling, path.local_part, carried)
    return ruling if asks is NOTHING_OF_RCPT else replace(ruling, asks=asks)


def plainly(ruling: Ruling, *, octets: int, resting: Mapping[str, Rest], limits: Mapping[str, Limits]) -> bool:
    """Whether `admit` could say no more than the ruling, of one that no cap counts for, in a transaction that has no
    other recipient yet."""
    faxbox, number = ruling.choice.faxbox, ruling.number
    if faxbox is None or number is None or not ruling.reply.ok:
        return False
    return number.e164 not in resting and not (octets and too_large(faxbox, octets, limits))


def admit(ruling: Ruling, *, sender: ReversePath, octets: int, before: Sequence[Ruling], rules: Rules) -> Ruling:
    """The ruling as it is here and now: `before` are the recipients that this transaction has already, `octets` is
    what MAIL declared."""
    if ruling.path is not None and len(before) >= rules.max_recipients:
        return Ruling(reply=say.TOO_MANY_RECIPIENTS.reply(), to=ruling.to, path=ruling.path)
    if ruling.reply.ok:
        ruling = _limits(ruling, sender=sender, octets=octets, before=before, rules=rules)
    return _together(ruling, before) if ruling.reply.ok else ruling


def _fax(path: ForwardPath, choice: Choice, client: Client, sender: ReversePath) -> Ruling:
    """Whether the sender may use a faxbox here."""
    to, account, faxbox = str(path), choice.account, choice.faxbox
    bare = Ruling(reply=say.NOT_OUR_DOMAIN.reply(address=to), to=to, path=path, choice=choice)
    if sender.null:
        return replace(bare, reply=say.NULL_NEVER_FAXES.reply(address=to))
    if account is None:
        return bare
    if faxbox is None:
        return replace(bare, reply=say.NO_FAXBOX.reply(address=to), reason=_NO_FAXBOX)
    if choice.standing is Standing.NONE:
        return replace(bare, reply=say.NOT_PERMITTED.reply(address=to), reason=_why_not(faxbox, sender, client))
    return replace(bare, reply=say.RECIPIENT_OK.reply(number=to))


def _number(ruling: Ruling, local_part: str, carried: str) -> Ruling:
    """Which number it is, and whether it may be dialled."""
    account, faxbox = ruling.choice.account, ruling.choice.faxbox
    if account is None or faxbox is None:
        return ruling
    try:
        reading = read_address(local_part, region=account.region, carried=carried)
    except NotANumber as fault:
        return replace(ruling, reply=say.NOT_A_NUMBER.reply(address=ruling.to, why=fault))
    number = reading.number
    read = replace(ruling, number=number, to_name=reading.addressee, reply=say.RECIPIENT_OK.reply(number=number))
    judgement = judge(number, account=account.dial, faxbox=faxbox.dial)
    if judgement.allowed:
        return read
    reason = f"{number} ({judgement.type}, {judgement.region or 'no region'}) is denied by {judgement.rule}"
    return replace(read, reply=say.NOT_DIALLED.reply(address=ruling.to, why=judgement.why), reason=reason)


def _limits(ruling: Ruling, *, sender: ReversePath, octets: int, before: Sequence[Ruling], rules: Rules) -> Ruling:
    """Whether there is room for it: in the backends, and under the caps."""
    account, faxbox = ruling.choice.account, ruling.choice.faxbox
    if account is None or faxbox is None:
        return ruling
    rests = refusal(rules.resting, ruling.number, at=rules.at, address=ruling.to)
    if rests is not None:
        return replace(ruling, reply=rests)
    if too_large(faxbox, octets, rules.limits):
        return replace(ruling, reply=say.TOO_LARGE_FOR_FAXBOX.reply(address=ruling.to))
    over = no_room(ruling, sender=sender, before=before, rules=rules)
    return replace(ruling, reply=over) if over else ruling


def no_room(ruling: Ruling, *, sender: ReversePath, before: Sequence[Ruling], rules: Rules) -> Reply | None:
    """The reply that names the cap which one fax more would pass; `before` will be counted, but are not yet."""
    account, faxbox = ruling.choice.account, ruling.choice.faxbox
    bounds = bounds_of(account, faxbox, sender) if account and faxbox else ()
    if not bounds:
        return None
    usage = rules.usage.of(bound.scope for bound in bounds).plus(brings(before, sender), rules.at)
    over = over_cap(bounds, usage, at=rules.at, faxes=1)
    return say.OVER_CAP.reply(address=ruling.to, whose=over.whose, cap=over.cap, until=over.when) if over else None


def capped(ruling: Ruling, sender: ReversePath) -> bool:
    """Whether there is a cap that it counts for."""
    account, faxbox = ruling.choice.account, ruling.choice.faxbox
    return account is not None and faxbox is not None and bool(bounds_of(account, faxbox, sender))


def brings(rulings: Sequence[Ruling], sender: ReversePath) -> Mapping[str, int]:
    """What these will add to each counter."""
    boxes = (ruling.choice.faxbox for ruling in rulings)
    return Counter(scope for box in boxes if box for scope in scopes_of(box.account_id, box.id, sender.key))


def _together(ruling: Ruling, before: Sequence[Ruling]) -> Ruling:
    if not before or (_is_postmaster(ruling), ruling.awaited) == (_is_postmaster(before[0]), before[0].awaited):
        return ruling
    return replace(ruling, reply=say.SEND_SEPARATELY.reply(address=ruling.to))


def _is_postmaster(ruling: Ruling) -> bool:
    return ruling.path is not None and ruling.path.postmaster


def _why_not(faxbox: Faxbox, path: ReversePath, client: Client) -> str:
    matching = [permission for permission in faxbox.permissions if permission.matches(path)]
    if not matching:
        return f"no permission of faxbox {faxbox.id} matches {path}"
    wanted = sorted({proof.value for permission in matching for proof in permission.proofs})
    looked = "; ".join(f"{found.proof}: {found.reason}" for found in client.proofs) or "none was looked for"
    return f"faxbox {faxbox.id} asks {path} for one of {', '.join(wanted)}; {looked}"


def _shown(argument: str) -> str:
    return argument[:320].removeprefix("TO:").removeprefix("to:").strip()
