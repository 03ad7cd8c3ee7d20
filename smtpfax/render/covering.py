"""What the daemon asks of a worker that makes a cover.

In:    the facts of one fax.
Out:   a Cover, and the JSON that stands for it on the sandbox's wire.
Fails: KeyError, TypeError, ValueError for what `Cover.to_json` did not write.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from smtpfax.model.account import CoverLook
from smtpfax.model.document import Layout, layout_from

from .limits import Limits

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverFacts:
    """What stands on a cover; what is empty is left out."""

    header: str = ""  # of the faxbox
    to_name: str = ""
    to_number: str = ""
    from_name: str = ""
    from_number: str = ""
    subject: str = ""
    body: str = ""
    note: str = ""  # of confidentiality
    at: datetime  # in the faxbox's time zone
    bare_pages: int = 0  # that follow
    look: CoverLook = CoverLook.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The request of `render_cover`, as values."""

    facts: CoverFacts
    layout: Layout = field(default_factory=Layout)
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> Json:
        """For the wire."""
        data = dataclasses.asdict(self)
        data["facts"]["at"] = [self.facts.at.isoformat(), self.facts.at.tzname() or ""]
        return data


def cover_from(data: Mapping[str, Any]) -> Cover:
    facts = dict(data["facts"])
    return Cover(
        facts=CoverFacts(**{**facts, "at": _at(*facts["at"]), "look": CoverLook(facts["look"])}),
        layout=layout_from(data["layout"]),
        limits=Limits(**data["limits"]),
    )


def _at(time: str, zone: str) -> datetime:
    """The name of a time zone does not survive ISO 8601."""
    at = datetime.fromisoformat(time)
    offset = at.utcoffset()
    return at.replace(tzinfo=timezone(offset, zone)) if offset is not None and zone else at
