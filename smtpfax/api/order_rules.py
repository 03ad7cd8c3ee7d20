"""What policy says of an order, as it says it of a mail: its number, its size, the caps.

In:    what an order asks for, and its faxbox.
Out:   nothing, or a reservation under the caps, to be given back when the order is kept, or is not.
Fails: Refusal 400 with the field of the number, 413 for a size, 429 with Retry-After for a cap.

Rule: a cap is Kazoo's 429: its clients wait and come again, which is what a cap asks for, where a 402 would tell them
to give up. `reserve` looks and reserves without waiting in between.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from smtpfax.model.account import Account, Faxbox
from smtpfax.model.address import ReversePath
from smtpfax.model.bounds import bounds_of, too_large
from smtpfax.model.caps import Over, over_cap, scopes_of
from smtpfax.model.dialling import judge
from smtpfax.model.number import FaxNumber, NotANumber, read_number
from smtpfax.model.resting import refusal

from .deps import Deps
from .envelope import Refusal, invalid


def read_to(text: str, *, account: Account, field: str) -> FaxNumber:
    """A number as it was written; without a plus it is one of the account's region."""
    try:
        return read_number(text, region=account.region)
    except NotANumber as error:
        raise invalid({field: ("invalid", str(error))}) from None


def check_number(number: FaxNumber, *, account: Account, faxbox: Faxbox, deps: Deps, field: str) -> None:
    """Whether it may be dialled, and is not one that the network does not have."""
    judgement = judge(number, account=account.dial, faxbox=faxbox.dial)
    if not judgement.allowed:
        raise invalid({field: ("forbidden", judgement.why)})
    rests = refusal(deps.store.resting.now(), number, at=deps.clock(), address=str(number))
    if rests is not None:
        raise invalid({field: ("resting", rests.text)})


def check_size(octets: int, *, faxbox: Faxbox, deps: Deps) -> None:
    """A mail that no fax service of the faxbox takes is refused."""
    limits = {name: backend.limits for name, backend in deps.backends.items()}
    if too_large(faxbox, octets, limits):
        raise Refusal(413, "too_large", {"message": "the fax is larger than its fax service takes"})


def reserve(path: ReversePath, *, account: Account, faxbox: Faxbox, deps: Deps, at: datetime) -> Callable[[], None]:
    """Room for one fax under the caps; what is called to give it back."""
    bounds = bounds_of(account, faxbox, path)
    if not bounds:
        return _nothing
    usage = deps.store.usage
    over = over_cap(bounds, usage.now().of(bound.scope for bound in bounds), at=at, faxes=1)
    if over is not None:
        raise _too_many(over, at)
    return usage.reserve(dict.fromkeys(scopes_of(account.id, faxbox.id, path.key), 1), at)


def _too_many(over: Over, at: datetime) -> Refusal:
    seconds = max(1, int((over.until - at).total_seconds())) if over.until else 86_400
    data = {"message": f"{over.whose} may send no more than {over.cap}, try again after {over.when}"}
    return Refusal(429, "too_many_requests", data, headers={"Retry-After": str(seconds)})


def _nothing() -> None:
    """Nothing was reserved."""
