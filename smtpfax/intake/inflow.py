"""One mail's content on its way in: from DATA to the final dot.

In:    octets as they come, cut anywhere.
Out:   lines of content to whoever keeps them; what follows the final dot; the first fault.
Fails: never: what is wrong with a content is said after its final dot (RFC 5321 section 4.2.5).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from smtpfax import logs
from smtpfax.model.errors import Temporary
from smtpfax.model.status import TOO_LARGE, Reply

from .dots import Dots
from .pace import Pace

Sink = Callable[[bytes], Awaitable[None] | None]  # an awaitable: the disk is at work, wait before more
log = logs.get("smtpd")


class Inflow:
    """Reads up to the final dot; `rest` is what followed it, None until it came."""

    __slots__ = ("_dots", "_limit", "_raw", "_sink", "fault", "octets", "pace")

    def __init__(self, sink: Sink, *, max_line: int, max_octets: int, pace: Pace) -> None:
        self._sink = sink
        self._dots = Dots(max_line=max_line)
        self._limit = max_octets
        self._raw = 0
        self.pace = pace
        self.octets = 0
        self.fault: Reply | None = None

    @property
    def rest(self) -> bytes | None:
        """What followed the final dot."""
        return self._dots.rest

    @property
    def flood(self) -> Reply | None:
        """So much more came than is taken that the end is not worth waiting for."""
        return TOO_LARGE.reply(limit=self._limit) if self._raw > 2 * self._limit else None

    def feed(self, data: bytes) -> Awaitable[None] | None:
        """Take what came; what is given back must be awaited before more."""
        self._raw += len(data)
        lines = self._dots.feed(data)
        self.octets += len(lines)
        if self.fault is None:
            self.fault = TOO_LARGE.reply(limit=self._limit) if self.octets > self._limit else self._dots.fault
        if self.fault is not None or not lines:
            return None
        try:
            work = self._sink(lines)
        except Temporary as fault:
            self._not_kept(fault)
            return None
        return None if work is None else self._kept(work)

    async def _kept(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Temporary as fault:
            self._not_kept(fault)

    def _not_kept(self, fault: Temporary) -> None:
        """The rest must still be read, or it would be taken for commands."""
        log.error("content not kept", reason=fault.reason)
        self.fault = fault.sentence.reply()
