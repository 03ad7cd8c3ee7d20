"""Faxboxes: the list, one of them, and the form that changes it.

In:    a faxbox; the form's texts.
Out:   pages; the faxbox as it was changed, from the next mail on.
Fails: Refusal 403 for what is the administrator's alone, 404 for a faxbox that is another's.

Rule: what the form makes is checked by the shape that `apply` checks with, all of it and at once; and what was changed
by somebody else meanwhile is not written over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from aiohttp import web

from smtpfax.api.envelope import Refusal, conflict, forbidden, not_found
from smtpfax.api.faxbox_changes import Asker, Kept, change, keep, one_of
from smtpfax.api.faxbox_changes import make as make_one
from smtpfax.api.routes import posted
from smtpfax.model.account import Account, BadDirectory, Faxbox
from smtpfax.store import Kind, Record

from .faxbox_fields import changed, texts
from .faxbox_table import GROUPS, Group
from .finding import faxbox_of
from .guard import sentence_of
from .viewer import Role
from .visit import Visit

MADE_BY = "pages"
_MOVED = "Somebody changed this faxbox while you did. Here is how it stands now; please make your change again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form as it is shown: again, with what is wrong beside each field."""

    account: Account
    faxbox_id: str  # empty: a new one
    texts: Mapping[str, str]
    revision: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""
    groups: Sequence[Group] = GROUPS

    @property
    def unplaced(self) -> Mapping[str, str]:
        """Faults of no field."""
        known = {each.path for group in self.groups for each in group.fields}
        return {path: sentence for path, sentence in self.faults.items() if path not in known}


async def faxboxes(visit: Visit) -> web.StreamResponse:
    """GET /faxboxes."""
    accounts = visit.directory.accounts.values() if visit.viewer.at_least(Role.ADMINISTRATOR) else ()
    return visit.page("faxboxes.html", boxes=visit.viewer.boxes(visit.directory), accounts=tuple(accounts))


async def faxbox(visit: Visit) -> web.StreamResponse:
    """GET /faxboxes/{account}/{id}."""
    box = faxbox_of(visit)
    account = visit.directory.accounts[box.account_id]
    shown = texts((await _record(visit, box)).data, timezone=account.timezone)
    return visit.page("faxbox.html", box=box, account=account, texts=shown, groups=GROUPS)


async def edit(visit: Visit) -> web.StreamResponse:
    """GET /faxboxes/{account}/{id}/edit."""
    return _form(visit, await _current(visit, _editable(visit)))


async def save(visit: Visit) -> web.StreamResponse:
    """POST /faxboxes/{account}/{id}/edit."""
    box = _editable(visit)
    form, given = await _current(visit, box), await _given(visit)
    if given.get("revision") != form.revision:
        return _form(visit, form, wrong=_MOVED, code=409)
    seen = await _record(visit, box)
    data, fields = changed(seen.data, form.texts, _with_protected(visit, given, form.texts))
    if not fields:
        return visit.go(f"/faxboxes/{box.account_id}/{box.id}", done="unchanged")

    def decide(records: Sequence[Record]) -> Kept:
        if one_of(records, box.account_id, box.id) != seen:
            raise conflict(_MOVED)
        return change(seen, data, _asker(visit), backends=visit.desk.deps.backends)

    return await _written(visit, form, decide, given, done="saved")


async def ask_new(visit: Visit) -> web.StreamResponse:
    """GET /faxboxes/{account}/new."""
    return _form(visit, _blank(visit))


async def make(visit: Visit) -> web.StreamResponse:
    """POST /faxboxes/{account}/new."""
    blank, given = _blank(visit), await _given(visit)
    faxbox_id = given.get("id", "").strip()
    if visit.box(blank.account.id, faxbox_id) is not None:
        return _form(visit, blank, given=given, faults={"id": "there is a faxbox of this id already"}, code=409)
    data, _ = changed({}, blank.texts, given)
    record = Record(kind=Kind.FAXBOX, account_id=blank.account.id, id=faxbox_id, data=data)
    decide = partial(make_one, record=record, asker=_asker(visit), backends=visit.desk.deps.backends)
    return await _written(visit, blank, decide, given, done="created")


async def _written(
    visit: Visit, form: Form, decide: Callable[[Sequence[Record]], Kept], given: Mapping[str, str], *, done: str
) -> web.StreamResponse:
    """Check all of it, write it, and let the next mail know."""
    try:
        record = await keep(visit.desk.deps, decide)
    except Refusal as refusal:
        if refusal.code != 400:
            raise
        faults = {_path(path): sentence_of(rules) for path, rules in refusal.data.items()}
        return _form(visit, form, given=given, faults=faults, code=400)
    except BadDirectory as error:
        return _form(visit, form, given=given, wrong=f"{error}.", code=409)
    return visit.go(f"/faxboxes/{record.account_id}/{record.id}", done=done)


def _asker(visit: Visit) -> Asker:
    return Asker(made_by=MADE_BY, all_keys=visit.viewer.at_least(Role.ADMINISTRATOR))


async def _current(visit: Visit, box: Faxbox) -> Form:
    account, record = visit.directory.accounts[box.account_id], await _record(visit, box)
    revision = hashlib.sha256(json.dumps(record.data, sort_keys=True).encode()).hexdigest()[:32]
    shown = texts(record.data, timezone=account.timezone)
    return Form(account=account, faxbox_id=box.id, texts=shown, revision=revision)


def _blank(visit: Visit) -> Form:
    visit.must_be(Role.ADMINISTRATOR)
    account = visit.directory.accounts.get(visit.id("account"))
    if account is None:
        raise not_found(visit.id("account"))
    return Form(account=account, faxbox_id="", texts={**texts({}, timezone=account.timezone), "id": ""})


async def _record(visit: Visit, box: Faxbox) -> Record:
    record = await visit.desk.deps.store.accounts.faxbox(box.account_id, box.id)
    if record is None:
        raise not_found(box.id)
    return record


async def _given(visit: Visit) -> dict[str, str]:
    form = await posted(visit.request)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _with_protected(visit: Visit, given: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, str]:
    """What a browser does not send of fields that are the administrator's, is as it was."""
    if visit.viewer.at_least(Role.ADMINISTRATOR):
        return dict(given)
    protected = {each.path: shown[each.path] for group in GROUPS for each in group.fields if each.protected}
    return {**protected, **given}


def _editable(visit: Visit) -> Faxbox:
    box = faxbox_of(visit)
    if not visit.viewer.edits(box.account_id):
        raise forbidden("this needs more rights than you have")
    return box


def _path(path: str) -> str:
    """The field of a fault: without where it stands within a list."""
    steps = [step for step in path.split(".") if not step.isdecimal()]
    return "permissions" if steps[:1] == ["permissions"] else ".".join(steps)


def _form(
    visit: Visit,
    form: Form,
    *,
    given: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    wrong: str = "",
    code: int = 200,
) -> web.Response:
    shown = Form(
        account=form.account,
        faxbox_id=form.faxbox_id,
        texts=form.texts if given is None else {path: given.get(path, "") for path in form.texts},
        revision=form.revision,
        faults=faults or {},
        wrong=wrong,
    )
    return visit.page("faxbox_form.html", status=code, form=shown)
