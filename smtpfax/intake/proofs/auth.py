"""Signing in: credentials against the users of the store, off the loop and at the same pace for everybody.

In:    credentials and the client's address.
Out:   the user's e-mail address, or None.
Fails: Temporary, when the address is shut out or too many wait: nothing was checked.

Rule: argon2id runs in a bounded number of threads. A user who does not exist costs the time of one who does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from smtpfax.model.errors import Temporary
from smtpfax.model.password import PASSWORD_COST
from smtpfax.model.status import AUTH_LATER

from .failures import Failures, key_of
from .network import Address
from .sasl import Credentials

WORKERS = 2
MOST_WAITING = 50
MOST_BY_ADDRESS = 20.0
MOST_BY_USER = 100.0  # generous: others must not be able to shut a user out
HASHER = PasswordHasher(
    memory_cost=PASSWORD_COST.memory, time_cost=PASSWORD_COST.passes, parallelism=PASSWORD_COST.lanes
)


class SignIn:
    """The one door for passwords; `hash_of` gives a user's hash, `sleep` is asyncio's."""

    def __init__(
        self,
        hash_of: Callable[[str], Awaitable[str | None]],
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._hash_of = hash_of
        self._clock = clock
        self._sleep = sleep
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="argon2")
        self._waiting = 0
        self._by_address = Failures(MOST_BY_ADDRESS)
        self._by_user = Failures(MOST_BY_USER)
        self._nobody = HASHER.hash("nobody's password")

    async def check(self, credentials: Credentials, address: Address | None) -> str | None:
        """The user's e-mail address, if the password is theirs."""
        user, source = credentials.user.lower(), key_of(address)
        now = self._clock()
        if self._by_address.shut_out(source, now) or self._by_user.shut_out(user, now):
            raise Temporary(AUTH_LATER, reason=f"AUTH: too many failures of {source} or {user}")
        if self._waiting >= MOST_WAITING:
            raise Temporary(AUTH_LATER, reason="AUTH: too many wait to sign in")
        self._waiting += 1
        try:
            good = await self._verify(user, credentials.password)
        finally:
            self._waiting -= 1
        if good:
            return user
        await self._failed(user, source)
        return None

    def close(self) -> None:
        """No more threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _verify(self, user: str, password: str) -> bool:
        kept = await self._hash_of(user)
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._pool, _verified, kept or self._nobody, password)
        return right and kept is not None

    async def _failed(self, user: str, source: str) -> None:
        now = self._clock()
        self._by_address.add(source, now)
        self._by_user.add(user, now)
        delay = max(self._by_address.delay(source, now), self._by_user.delay(user, now))
        if delay:
            await self._sleep(delay)


def _verified(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
