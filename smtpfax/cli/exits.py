"""How a command ends.

In:    what went wrong.
Out:   an exit code (sysexits.h's, as the README lists them) and a line for a person.
Fails: never.
"""

from __future__ import annotations

OK, FAILED, USAGE, UNREACHABLE, TRY_LATER, NOT_ALLOWED, BAD_CONFIG = 0, 1, 2, 69, 75, 77, 78


class Stop(Exception):
    """End the command with this code; the text goes to standard error."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
