"""Refused: a mail that cannot be faxed, with all that was known of its parts by then.

In:    the fault, and a note for every part found so far.
Out:   the same fault, for the log to list the parts beside it.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from smtpfax.model.errors import Permanent
from smtpfax.model.event import PartNote


class Refused(Permanent):
    """Why the mail as a whole is refused; `parts` in the mail's order."""

    def __init__(self, fault: Permanent, parts: Iterable[PartNote]) -> None:
        ready = fault.text.replace("{", "{{").replace("}", "}}")  # its names are filled in already
        super().__init__(replace(fault.sentence, text=ready), cause=fault.cause, reason=fault.reason)
        self.sentence = fault.sentence
        self.parts = tuple(parts)
