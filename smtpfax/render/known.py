"""What is known of a mail whose rendering ended early.

In:    a rendering task for the sandbox; what it notes meanwhile: the mail's parts, and which one it is at.
Out:   its answer.
Fails: Unfaxable and Undone: the task's own fault, or that of a worker which crashed or was killed, with the parts, and
       naming the one that it was at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.model.event import PartNote
from smtpfax.model.status import CONVERTER_DIED, EVERY_PART
from smtpfax.sandbox import Answer, Sandbox
from smtpfax.sandbox.wire import printable

Json = Any
_SHORT = 300  # characters of a name


class Unfaxable(Permanent):
    """The mail cannot become a document; `parts` are those that were known by then."""

    def __init__(self, fault: Fault, parts: Sequence[PartNote]) -> None:
        super().__init__(fault.sentence, cause=fault.cause, reason=fault.reason, part=fault.part)
        self.parts = tuple(parts)


class Undone(Temporary):
    """A converter crashed; `parts` are those that were known by then, `part` is the one that it was at."""

    def __init__(self, fault: Fault, parts: Sequence[PartNote], part: str) -> None:
        reason = fault.reason if fault.part == part else f"{part}: {fault.reason}"
        super().__init__(CONVERTER_DIED, cause=fault.cause, reason=reason, part=part)
        self.parts = tuple(parts)


async def asked_of(
    sandbox: Sandbox,
    task: str,
    request: Mapping[str, Json],
    blobs: Sequence[bytes],
    *,
    wall_seconds: float | None = None,
    ready: bool = False,
) -> Answer:
    """Run the task; `wall_seconds` and `ready` as the sandbox takes them."""
    noted: dict[str, Json] = {}

    def tell(what: Mapping[str, Json]) -> None:
        noted.update({name: what[name] for name in ("parts", "part") if name in what})

    try:
        return await sandbox.run(task, request, blobs, wall_seconds=wall_seconds, ready=ready, tell=tell)
    except Fault as fault:
        raise with_parts(fault, _parts(noted), printable(noted.get("part", EVERY_PART), _SHORT)) from fault


def with_parts(fault: Fault, parts: Sequence[PartNote], part: str) -> Fault:
    """What is known besides; a fault that is none of the mail's stays as it is."""
    if isinstance(fault, Permanent):
        return Unfaxable(fault, parts)
    return Undone(fault, parts, part) if fault.cause is Cause.CONVERTER else fault


def nonsense(why: str) -> Temporary:
    """A worker answered, and it was no answer."""
    return Temporary(CONVERTER_DIED, cause=Cause.CONVERTER, reason=f"not an answer: {why}", part=EVERY_PART)


def _parts(noted: Mapping[str, Json]) -> tuple[PartNote, ...]:
    """As far as they are well told: a worker that crashed may have said anything before."""
    try:
        return tuple(_part(part) for part in noted.get("parts", ()))
    except (TypeError, ValueError, KeyError):
        return ()


def _part(told: Mapping[str, Json]) -> PartNote:
    path, name, kind, left_out = (printable(told[word], _SHORT) for word in ("path", "name", "kind", "left_out"))
    return PartNote(path=path, name=name, kind=kind, left_out=left_out, octets=int(told["octets"]))
