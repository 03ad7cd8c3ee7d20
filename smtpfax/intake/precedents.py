"""What was ruled before: the same sender, from the same place, to the same number is ruled in the same way.

In:    a case; what rulings depend on beside it: the directory, and whom the settings trust.
Out:   the ruling and the proofs it was found with, if nothing that they depend on has changed since.
Fails: never.

Rule: only what needed nobody outside is remembered, and only what is the same at any time: who came before in a
transaction, sizes and caps are looked at each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from smtpfax.model.account import Directory
from smtpfax.model.address import ReversePath
from smtpfax.model.mail import ProofFound

from .policy import Ruling
from .proofs import Address
from .proofs.play import Trust

MOST = 2000
MOST_CHARACTERS = 300  # of an argument


class Case(NamedTuple):
    """What a ruling was asked for: RCPT's argument, the reverse-path, the client's address and user."""

    argument: str
    sender: ReversePath
    address: Address | None
    user: str


@dataclass(frozen=True, slots=True)
class Precedent:
    """How it was ruled."""

    found: tuple[ProofFound, ...]
    ruling: Ruling


class Precedents:
    """All that are remembered."""

    def __init__(self) -> None:
        self._known: dict[Case, Precedent] = {}
        self._directory: Directory | None = None
        self._trust: Trust | None = None

    def find(self, case: Case, directory: Directory, trust: Trust) -> Precedent | None:
        """How it was ruled, under this directory and this trust."""
        if directory is not self._directory or trust is not self._trust:
            self._known.clear()
            self._directory, self._trust = directory, trust
        return self._known.get(case)

    def keep(self, case: Case, precedent: Precedent) -> None:
        """For the next time; `find` was asked just before."""
        if len(case.argument) <= MOST_CHARACTERS:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[case] = precedent
