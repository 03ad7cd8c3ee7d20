"""What the daemon asks of a worker that puts the header line on a document.

In:    who sends, when, and how the pages are laid out.
Out:   a HeaderLine, and the JSON that stands for it on the sandbox's wire.
Fails: KeyError, TypeError, ValueError for what `HeaderLine.to_json` did not write.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from smtpfax.model.account import Faxbox
from smtpfax.model.document import Layout, layout_from

Json = dict[str, Any]
_WHEN = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderLine:
    """What 47 CFR 68.318(d) wants to see on each page: date and time, who sends, and the sending number."""

    when: str
    name: str
    number: str
    layout: Layout

    def to_json(self) -> Json:
        """For the wire."""
        return dataclasses.asdict(self)


def header_of(faxbox: Faxbox, *, at: datetime, layout: Layout) -> HeaderLine:
    """The faxbox's line on a document that is offered now."""
    name = faxbox.header or faxbox.caller_name or faxbox.name
    return HeaderLine(when=_local(at, faxbox.timezone), name=name, number=faxbox.number, layout=layout)


def header_from(data: Mapping[str, Any]) -> HeaderLine:
    """Read what `HeaderLine.to_json` wrote."""
    return HeaderLine(**{**data, "layout": layout_from(data["layout"])})


def _local(at: datetime, zone: str) -> str:
    """In the faxbox's time zone, with a name for it that can be read: some zones are called `-03`."""
    local = at.astimezone(ZoneInfo(zone))
    name = local.tzname() or ""
    return f"{local.strftime(_WHEN)} {name if name.isalpha() else f'UTC{name}'}"
