"""DNS as a table: the names, their records, and those that do not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smtpfax.intake.proofs.names import Kind, fault

SILENT = ("silent",)  # in place of records: DNS does not answer
Table = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(slots=True)
class Zone:
    """Implements Resolver by a table such as {"acme.example": {"TXT": ["v=spf1 -all"]}}."""

    table: Table
    asked: list[tuple[str, Kind]] = field(default_factory=list)

    async def ask(self, name: str, kind: Kind) -> tuple[str, ...]:
        """The records of the table."""
        name = name.lower().removesuffix(".")
        self.asked.append((name, kind))
        records = self.table.get(name, {})
        for alias in records.get("CNAME", ()):
            records = self.table.get(alias.lower().removesuffix("."), {})
        found = tuple(records.get(kind.value, ()))
        if found == SILENT:
            raise fault(name, kind, "no answer")
        return found
