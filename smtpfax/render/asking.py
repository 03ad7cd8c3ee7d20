"""What the daemon asks of a worker and what it is told, as JSON and as values.

In:    Asked, which a worker reads; Told, which the daemon reads.
Out:   the JSON that stands for them on the sandbox's wire.
Fails: KeyError, TypeError, ValueError for what neither of them wrote.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from smtpfax.mime.tree import MimeLimits
from smtpfax.model.account import Body, Logos
from smtpfax.model.document import Layout, Paper, Resolution
from smtpfax.model.errors import Fault
from smtpfax.model.event import PartNote
from smtpfax.sandbox.wire import fault_head, read_fault

from .limits import Limits

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a mail, or files, shall be rendered. `names` are those of the files, in the order of the blobs."""

    layout: Layout = field(default_factory=Layout)
    body: Body = Body.ALONE
    logos: Logos = Logos.DROP
    limits: Limits = field(default_factory=Limits)
    mime: MimeLimits = field(default_factory=MimeLimits)
    names: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """For the wire."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of it: pages and bits of the TIFF that travels beside, or a fault; and every part's fate."""

    pages: int = 0
    bits: int = 0
    parts: tuple[PartNote, ...] = ()
    fault: Fault | None = None

    def to_json(self) -> Json:
        """For the wire; the fault as the sandbox writes its own."""
        parts = [dataclasses.asdict(part) for part in self.parts]
        fault = fault_head(self.fault) if self.fault else {}
        return {"pages": self.pages, "bits": self.bits, "parts": parts, **fault}


def asked_from(data: Json) -> Asked:
    """Read what `Asked.to_json` wrote."""
    layout = data["layout"]
    return Asked(
        layout=Layout(paper=Paper(layout["paper"]), resolution=Resolution(layout["resolution"])),
        body=Body(data["body"]),
        logos=Logos(data["logos"]),
        limits=Limits(**data["limits"]),
        mime=MimeLimits(**data["mime"]),
        names=tuple(data["names"]),
    )


def told_from(data: Json) -> Told:
    """Read what `Told.to_json` wrote."""
    parts = tuple(PartNote(**part) for part in data["parts"])
    fault = read_fault(data["fault"]) if "fault" in data else None
    return Told(pages=data["pages"], bits=data["bits"], parts=parts, fault=fault)
