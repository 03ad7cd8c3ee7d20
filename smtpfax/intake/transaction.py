"""A transaction that is open: from MAIL to the end of DATA, and what is told of it when it ends without a mail.

In:    what MAIL, RCPT and DATA brought.
Out:   a Transaction for the log and the store; attempts in the log.
Fails: never.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from smtpfax.mime.header import read_header
from smtpfax.model.account import Proof
from smtpfax.model.address import ReversePath
from smtpfax.model.attempt import Outcome
from smtpfax.model.mail import NO_HEADER, Client
from smtpfax.model.status import Reply

from .arrival import Arrival
from .desk import Desk
from .noting import note
from .parameters import NOTHING_OF_MAIL, NOTHING_OF_RCPT, MailAsks
from .policy import Ruling
from .precedents import Precedent
from .proofs.dkim import Witness
from .taking import Transaction


@dataclass(slots=True)
class Open:
    """What is known of it so far."""

    sender: ReversePath
    raw_from: str
    octets: int  # as MAIL declared them
    client: Client  # with the proofs that were looked for
    asks: MailAsks
    rulings: list[Ruling] = field(default_factory=list)
    precedents: list[Precedent] = field(default_factory=list)  # theirs, as far as there are any
    arrival: Arrival | None = None
    witness: Witness | None = None  # of the content, where a proof may come from it

    @property
    def awaited(self) -> frozenset[Proof]:
        """The proofs of which one must still come: the same for all recipients, by policy."""
        return self.rulings[0].awaited if self.rulings else frozenset()

    @property
    def plain(self) -> bool:
        """Whether mails like it differ in nothing but their content."""
        if self.witness is not None or self.asks is not NOTHING_OF_MAIL:
            return False
        if len(self.precedents) < len(self.rulings):
            return False
        return all(ruling.asks is NOTHING_OF_RCPT and ruling.number is not None for ruling in self.rulings)

    def facts(self) -> Transaction:
        """For the log and the store, as far as it has come."""
        arrival = self.arrival
        return Transaction(
            client=self.client,
            reverse_path=self.sender,
            raw_from=self.raw_from,
            octets=arrival.octets if arrival else self.octets,
            header=read_header(arrival.head) if arrival else NO_HEADER,
            asks=self.asks,
        )

    def tell(self, desk: Desk, reply: Reply | None, outcome: Outcome | None = None) -> None:
        """To the log, for every recipient that was taken; without a reply, the one to its RCPT."""
        facts = self.facts()
        for ruling in self.rulings:
            note(desk, facts, ruling, reply or ruling.reply, outcome)
