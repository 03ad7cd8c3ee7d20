"""What was ruled before: the same sender, from the same place, to the same number is ruled in the same way.

In:    arguments of MAIL and RCPT; what rulings depend on beside them: the directory, and whom the settings trust.
Out:   the ruling and the proofs it was found with, if nothing that they depend on has changed since; and the form that
       mails of such a transaction fill in.
Fails: never.

Rule: only what needed nobody outside is remembered, and only what is the same at any time: who came before in a
transaction, sizes and caps are looked at each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from smtpfax.model.accepting import Acceptance
from smtpfax.model.account import Directory
from smtpfax.model.address import ReversePath
from smtpfax.model.mail import Client, ProofFound

from .policy import Ruling, Sender
from .proofs import Address
from .proofs.play import Trust

MOST = 2000
MOST_CHARACTERS = 300  # of an argument
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blank:
    """A form, and its client as the log shows it."""

    form: Acceptance
    shown: str
    capped: bool  # there is a cap that counts for one of its recipients
    others: tuple[Precedent, ...]  # of the transaction's other recipients


@dataclass(slots=True, eq=False)
class Precedent:
    """How it was ruled, and what was made of it."""

    found: tuple[ProofFound, ...]
    ruling: Ruling
    capped: bool  # there is a cap that counts for it
    blanks: dict[Key, Blank] = field(default_factory=dict)

    def keep(self, key: Key, blank: Blank) -> Blank:
        """For the next mail."""
        if len(self.blanks) >= MOST:
            self.blanks.clear()
        self.blanks[key] = blank
        return blank


@dataclass(slots=True, eq=False)
class Book:
    """What is remembered of one place: an address, and who has signed in there."""

    rulings: dict[tuple[str, ReversePath], Precedent] = field(default_factory=dict)


class Precedents:
    """All that are remembered."""

    def __init__(self) -> None:
        self._books: dict[tuple[Address | None, str], Book] = {}
        self._senders: dict[str, Sender] = {}
        self._number = 0
        self._directory: Directory | None = None
        self._trust: Trust | None = None

    def sender(self, argument: str) -> Sender | None:
        """What was found in MAIL's argument, whatever the time and however full the disk."""
        return self._senders.get(argument)

    def keep_sender(self, argument: str, sender: Sender) -> None:
        """For the next time."""
        if len(argument) <= MOST_CHARACTERS:
            if len(self._senders) >= MOST:
                self._senders.clear()
            self._senders[argument] = sender

    def book(self, client: Client, directory: Directory, trust: Trust) -> Book:
        """Of a client's place, under this directory and this trust."""
        if directory is not self._directory or trust is not self._trust:
            self._clear()
            self._directory, self._trust = directory, trust
        place = client.address, client.user
        book = self._books.get(place)
        if book is None:
            if len(self._books) >= MOST:
                self._clear()
            book = self._books[place] = Book()
        return book

    def keep(self, book: Book, argument: str, sender: ReversePath, precedent: Precedent) -> None:
        """For the next time."""
        if len(argument) <= MOST_CHARACTERS:
            self._number += 1
            if self._number > MOST:
                self._clear()
            book.rulings[argument, sender] = precedent

    def _clear(self) -> None:
        for book in self._books.values():
            book.rulings.clear()
        self._books.clear()
        self._number = 0
