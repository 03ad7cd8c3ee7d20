"""`smtpfax apply`: what the file wants, against what there is.

In:    the records as they are kept, and the file.
Out:   a Plan: records to put and to remove, and a line of words for each record that the file or `prune` touches.
Fails: Refusal 400, when the file wants what another account has.

Rule: twice is the same as once. The keys that the file names are set, the others are left; records that somebody
else made are changed when the file names them, but only what `apply` made is ever removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from smtpfax.store import Changes, Kind, Record

from .envelope import invalid
from .faxbox_shape import FaxboxShape
from .shapes import AccountShape, ApplyFile, faults_of, named

MADE_BY = "apply"
Key = tuple[Kind, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done, and how it is told."""

    changes: Changes
    words: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    record: Record
    told: tuple[str, ...]
    changed: bool


def plan(current: Iterable[Record], file: ApplyFile, *, prune: bool) -> Plan:
    """Compare, record by record."""
    there = {_key(record): record for record in current}
    wanted = list(_wanted(file))
    _refuse_strangers(wanted, there)
    steps = [_step(record, there.get(_key(record))) for record in wanted]
    removed = _pruned(there, {_key(record) for record in wanted}) if prune else []
    words = [line for step in steps for line in step.told] + [f"{_name(record)}: removed" for record in removed]
    put = [step.record for step in steps if step.changed]
    return Plan(changes=Changes(put=put, remove=removed), words=words)


def after(current: Iterable[Record], changes: Changes) -> list[Record]:
    """The records as they will be."""
    gone = {_key(record) for record in changes.remove}
    there = {_key(record): record for record in current if _key(record) not in gone}
    return list((there | {_key(record): record for record in changes.put}).values())


def _wanted(file: ApplyFile) -> Iterator[Record]:
    for account in file.accounts:
        keys = named(account, without=frozenset({"users", "faxboxes"}))
        yield Record(kind=Kind.ACCOUNT, account_id=account.id, id=account.id, data=keys)
        yield from _of_account(account)


def _of_account(account: AccountShape) -> Iterator[Record]:
    for user in account.users:
        yield Record(kind=Kind.USER, account_id=account.id, id=user.email, data=named(user))
    for faxbox in account.faxboxes:
        yield Record(kind=Kind.FAXBOX, account_id=account.id, id=faxbox.id, data=named(faxbox))


def _step(wanted: Record, there: Record | None) -> _Step:
    if there is None:
        data = wanted.data if wanted.kind is Kind.USER else {"name": wanted.id, **wanted.data}
        made = replace(wanted, data=data, made_by=MADE_BY)
        return _Step(record=made, told=(f"{_name(wanted)}: created",), changed=True)
    data = merged(there.data, wanted.data)
    if wanted.kind is Kind.FAXBOX:
        _check_whole(wanted, data)
    lines = tuple(_difference(_name(wanted), there.data, data))
    if not lines:
        return _Step(record=there, told=(f"{_name(wanted)}: unchanged",), changed=False)
    return _Step(record=replace(there, data=data), told=lines, changed=True)


def _check_whole(wanted: Record, data: Mapping[str, Any]) -> None:
    """Two keys may stand well each by itself, and not together with what was there."""
    try:
        FaxboxShape.model_validate({**data, "id": wanted.id})
    except ValidationError as error:
        faults = {f"faxboxes.{wanted.id}.{path}".rstrip("."): why for path, why in faults_of(error).items()}
        raise invalid(faults) from None


def merged(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Tables key by key, everything else whole."""
    tables = {key for key in after if isinstance(before.get(key), dict) and isinstance(after[key], dict)}
    return {**before, **after, **{key: merged(before[key], after[key]) for key in tables}}


def _difference(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key, value in after.items():
        if key not in before:
            yield f"{name}: {key} set to {_shown(value)}"
        elif before[key] != value:
            yield f"{name}: {key} {_shown(before[key])} -> {_shown(value)}"


def _pruned(there: Mapping[Key, Record], wanted: set[Key]) -> list[Record]:
    """What an earlier apply made and this file lacks; an account goes only when nothing that others made is in it."""
    gone = [record for key, record in there.items() if key not in wanted and record.made_by == MADE_BY]
    kept = {record.account_id for record in there.values() if record not in gone and record.kind is not Kind.ACCOUNT}
    order = {Kind.FAXBOX: 0, Kind.USER: 1, Kind.ACCOUNT: 2}
    removable = (record for record in gone if record.kind is not Kind.ACCOUNT or record.id not in kept)
    return sorted(removable, key=lambda record: (order[record.kind], record.account_id, record.id))


def _refuse_strangers(wanted: Sequence[Record], there: Mapping[Key, Record]) -> None:
    """A user signs in by the address alone, so it belongs to one account."""
    owners = {record.id: record.account_id for record in there.values() if record.kind is Kind.USER}
    for record in wanted:
        if record.kind is Kind.USER and owners.setdefault(record.id, record.account_id) != record.account_id:
            raise invalid({f"users.{record.id}": ("unique", f"is a user of account {owners[record.id]}")})


def _key(record: Record) -> Key:
    return record.kind, record.account_id, record.id


def _name(record: Record) -> str:
    place = record.id if record.kind is Kind.ACCOUNT else f"{record.account_id}/{record.id}"
    return f"{record.kind} {place}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "nothing"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(item)}" for key, item in value.items()) + "}"
    return str(value) if value != "" else "nothing"
