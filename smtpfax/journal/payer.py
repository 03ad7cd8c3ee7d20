"""Who puts into the database what it is owed.

In:    a pen within a transaction; what is owed.
Out:   rows; who owes and who claims hear of it once the transaction is committed.
Fails: what SQLite says.
"""

from __future__ import annotations

from collections.abc import Sequence

from .brought import Columns, Places
from .claims import Claimed
from .owing import Owed, Owing
from .paying import pay
from .pen import Pen
from .stamps import Stamps


class Payer:
    """One thread's."""

    def __init__(self, owing: Owing, claimed: Claimed | None, stamps: Stamps, columns: Columns) -> None:
        """`claimed`: who looks at keys; None, where nothing is ever owed."""
        self.owing = owing
        self._claimed = claimed
        self._stamps = stamps
        self._columns = columns
        self._places = Places.of(columns)

    def put(self, pen: Pen, owed: Sequence[Owed]) -> None:
        """Within a transaction."""
        if owed:
            pay(pen.database, [mail.debt(self._places) for mail in owed], self._columns, self._stamps)

    def paid(self, owed: Sequence[Owed]) -> None:
        """It is committed."""
        if self._claimed is not None:
            for mail in owed:
                self._claimed.paid(mail.taken.id, mail.taken.claimed)
        self.owing.paid(owed)
