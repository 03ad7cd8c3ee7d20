"""An answer that is not there yet, and that no task waits for.

In:    a command's answer, from whoever finds it.
Out:   the same to whoever waits for it, at once; one who awaits it is served as well.
Fails: never.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator

from smtpfax.model.status import Reply

Given = Reply | Awaitable[Reply | None] | BaseException


class Later:
    """Given once; whoever waits has said so before, or has gone."""

    __slots__ = ("_seen", "_then")

    def __init__(self) -> None:
        self._seen: Callable[[Reply | Awaitable[Reply | None]], Given] | None = None
        self._then: Callable[[Given], None] | None = None

    def seen(self, act: Callable[[Reply | Awaitable[Reply | None]], Given]) -> None:
        """Who looks at it on its way, and may raise."""
        self._seen = act

    def then(self, act: Callable[[Given], None]) -> None:
        """Who waits."""
        self._then = act

    def give(self, answer: Given) -> None:
        """It is there."""
        if self._seen is not None and not isinstance(answer, BaseException):
            try:
                answer = self._seen(answer)
            except Exception as error:  # noqa: BLE001 whoever waits knows what to do with it
                answer = error
        then, self._then, self._seen = self._then, None, None  # whoever gave it may keep us for a while
        if then is not None:
            then(answer)

    def __await__(self) -> Generator[object, None, Reply | None]:
        """For a task that waits."""
        given: asyncio.Future[Given] = asyncio.get_running_loop().create_future()
        self.then(given.set_result)
        return _awaited(given).__await__()


async def _awaited(given: asyncio.Future[Given]) -> Reply | None:
    answer = await given
    if isinstance(answer, BaseException):
        raise answer
    return answer if isinstance(answer, Reply) else await answer
