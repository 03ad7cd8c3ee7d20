"""How a faxbox is changed: the one way, for HTTP and for the pages.

In:    the faxbox as it is kept, and as it is to be; who asks.
Out:   the record that was written, from the next mail on.
Fails: Refusal 400 with every field that is wrong, 403 for what is the administrator's alone; BadDirectory, when a
       number or a domain is another's already.

Rule: the shape that `apply` checks with checks all of it; it is decided on the state that the same commit reads. To
make or to remove a faxbox changes every key of it, so that its protected keys are asked for as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smtpfax.store import Changes, Kind, Record

from .deps import Deps
from .envelope import conflict, forbidden
from .shapes import named, read_faxbox

Data = Mapping[str, Any]
# Number, domains, fax service and identity.
PROTECTED = frozenset({"number", "fax_domains", "backend", "header", "caller_name"})
MOST_FAXBOXES = 1000  # of one account, made by its own tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: `all_keys` for administrators."""

    made_by: str
    all_keys: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A faxbox, and what was to be written."""

    record: Record
    changes: Changes


def make(records: Sequence[Record], record: Record, asker: Asker, *, backends: Iterable[str]) -> Kept:
    """A new one; its data is not yet checked."""
    mine = [each for each in records if each.kind is Kind.FAXBOX and each.account_id == record.account_id]
    if any(each.id == record.id for each in mine):
        raise conflict("there is a faxbox of this id already")
    if not asker.all_keys and len(mine) >= MOST_FAXBOXES:
        raise conflict(f"an account has at most {MOST_FAXBOXES} faxboxes")
    made = _checked(record, record.data, backends, made_by=asker.made_by)
    _protect({}, made.data, asker)
    return Kept(record=made, changes=Changes(put=[made]))


def change(there: Record, data: Data, asker: Asker, *, backends: Iterable[str]) -> Kept:
    """The data takes the place of what there is."""
    made = _checked(there, data, backends, made_by=there.made_by)
    _protect(there.data, made.data, asker)
    return Kept(record=made, changes=Changes(put=[made] if made.data != there.data else []))


def remove(there: Record, asker: Asker) -> Kept:
    """No mail and no fax comes to it any more; what it had is kept as long as it said."""
    _protect(there.data, {}, asker)
    return Kept(record=there, changes=Changes(remove=[there]))


def one_of(records: Iterable[Record], account_id: str, faxbox_id: str) -> Record | None:
    """The faxbox among all records."""
    mine = (Kind.FAXBOX, account_id, faxbox_id)
    return next((record for record in records if (record.kind, record.account_id, record.id) == mine), None)


async def keep(deps: Deps, decide: Callable[[Sequence[Record]], Kept]) -> Record:
    """Write what was decided, and let the next mail know."""
    kept = await deps.store.accounts.decide(decide)
    if not kept.changes.empty:
        await deps.reload()
    return kept.record


def _checked(record: Record, data: Data, backends: Iterable[str], *, made_by: str) -> Record:
    shape = read_faxbox({**data, "id": record.id}, backends=backends)
    return Record(kind=Kind.FAXBOX, account_id=record.account_id, id=record.id, data=named(shape), made_by=made_by)


def _protect(before: Data, after: Data, asker: Asker) -> None:
    changed = [key for key in sorted(PROTECTED) if _value(before, key) != _value(after, key)]
    if changed and not asker.all_keys:
        raise forbidden(f"only an administrator of this site may change: {', '.join(changed)}")


def _value(data: Data, key: str) -> list[str]:
    """Set or not, one or many."""
    value = data.get(key) or ()
    return [value] if isinstance(value, str) else list(value)
