"""The door's decisions: every RCPT gets its own reply.

In:    the directory, the client with its proofs, the transaction so far, and one command's argument.
Out:   a Ruling: the reply, and what it was found for.
Fails: never; pure.

Rule: all recipients of one transaction await the same set of proofs (none, or the same pending ones) and
`postmaster@` stands alone, so that one reply after DATA is right for all; any other gets 452 4.5.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from smtpfax.model import status as say
from smtpfax.model.account import Directory, Faxbox, Proof
from smtpfax.model.address import BadAddress, ForwardPath, ReversePath, forward_path, reverse_path
from smtpfax.model.backend import Limits
from smtpfax.model.choice import Choice, Standing, choose
from smtpfax.model.mail import Client
from smtpfax.model.number import FaxNumber, NotANumber, read_number
from smtpfax.model.status import Reply

from .command import BadCommand, read_mail, read_rcpt

_NO_FAXBOX = "the domain is the account's: none of its faxboxes is this sender's alone, or several may be used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the settings say of one mail."""

    max_octets: int
    max_recipients: int
    limits: Mapping[str, Limits]  # by backend


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A reply to RCPT, with all that was found on the way to it."""

    reply: Reply
    to: str
    path: ForwardPath | None = None
    choice: Choice = Choice()
    number: FaxNumber | None = None
    reason: str = ""

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


def on_mail(argument: str, rules: Rules, *, has_space: Callable[[int], bool]) -> Sender:
    """MAIL FROM."""
    try:
        command = read_mail(argument)
        path = reverse_path(command.path)
    except BadCommand as fault:
        return Sender(reply=fault.reply)
    except BadAddress:
        return Sender(reply=say.BAD_REVERSE_PATH.reply())
    if command.size > rules.max_octets:
        return Sender(reply=say.TOO_LARGE.reply(limit=rules.max_octets), octets=command.size)
    if not has_space(command.size):
        return Sender(reply=say.NO_SPACE.reply(), octets=command.size)
    return Sender(reply=say.SENDER_OK.reply(), path=path, octets=command.size)


def on_rcpt(
    argument: str,
    *,
    directory: Directory,
    client: Client,
    sender: ReversePath,
    octets: int,
    before: Sequence[Ruling],
    rules: Rules,
) -> Ruling:
    """RCPT TO; `before` are the recipients that this transaction has already, `octets` is what MAIL declared."""
    try:
        command = read_rcpt(argument)
        path = forward_path(command.path)
    except BadCommand as fault:
        return Ruling(reply=fault.reply, to=argument)
    except BadAddress as fault:
        return Ruling(reply=say.BAD_FORWARD_PATH.reply(), to=_shown(argument), reason=str(fault))
    if len(before) >= rules.max_recipients:
        return Ruling(reply=say.TOO_MANY_RECIPIENTS.reply(), to=str(path), path=path)
    if path.postmaster:
        ruling = Ruling(reply=say.POSTMASTER_OK.reply(), to=str(path), path=path)
    else:
        choice = choose(directory, path.domain, sender, held=client.held, pending=frozenset())
        ruling = _fax(path, choice, client, sender, octets, rules)
    return _together(ruling, before) if ruling.reply.ok else ruling


def _fax(path: ForwardPath, choice: Choice, client: Client, sender: ReversePath, octets: int, rules: Rules) -> Ruling:
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
    try:
        number = read_number(path.local_part, region=account.region)
    except NotANumber as fault:
        return replace(bare, reply=say.NOT_A_NUMBER.reply(address=to, why=fault))
    if too_large(faxbox, octets, rules.limits):
        return replace(bare, reply=say.TOO_LARGE_FOR_FAXBOX.reply(address=to), number=number)
    return replace(bare, reply=say.RECIPIENT_OK.reply(number=number), number=number)


def too_large(faxbox: Faxbox, octets: int, limits: Mapping[str, Limits]) -> bool:
    """Whether no backend of the faxbox takes a mail of so many octets."""
    bounds = [limits[name].mail_octets for name in faxbox.backends if name in limits]
    return bool(bounds) and all(bound and octets > bound for bound in bounds)


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
