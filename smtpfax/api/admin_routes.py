"""The daemon itself from the admin socket: status, backends, backup.

In:    a backend's name; a folder for a backup.
Out:   how things stand, in a few values.
Fails: Refusal 404 for a backend that is not there, 400 for a folder that cannot be made.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web

from smtpfax.model.backend import Backend
from smtpfax.model.errors import Fault
from smtpfax.model.explain import explain
from smtpfax.store import back_up

from .deps import Deps
from .envelope import invalid, not_found
from .present import rfc3339
from .routes import Call
from .send_routes import find_faxbox


async def status(call: Call) -> web.StreamResponse:
    """GET /admin/status."""
    deps = call.deps
    counts = await deps.store.jobs.counts()
    return call.success(
        {
            "version": deps.version,
            "accounts": len(deps.directory().accounts),
            "faxboxes": len(deps.directory().faxboxes),
            "backends": sorted(deps.backends),
            "jobs": {state.value: number for state, number in counts.items()},
            "oldest": rfc3339(await deps.store.jobs.oldest()),
            "free_bytes": deps.spool.free_bytes(),
        }
    )


async def backends(call: Call) -> web.StreamResponse:
    """GET /admin/backends."""
    return call.success([_backend(name, backend, call.deps) for name, backend in sorted(call.deps.backends.items())])


async def test_backend(call: Call) -> web.StreamResponse:
    """POST /admin/backends/{name}/test: sign in, and say what was found."""
    backend = call.deps.backends.get(call.id("name"))
    if backend is None:
        raise not_found(call.id("name"))
    try:
        found = {"ok": True, "text": await backend.check()}
    except Fault as fault:  # that it does not answer well is the answer
        found = {"ok": False, "text": fault.reason}
    return call.success(found)


async def number(call: Call) -> web.StreamResponse:
    """GET /admin/number: how an address is read and judged by a faxbox's rules."""
    query, directory = call.request.query, call.deps.directory()
    faxbox = find_faxbox(query.get("faxbox", ""), directory)
    account = directory.accounts[faxbox.account_id]
    found = explain(
        query.get("address", ""),
        region=account.region,
        is_ours=lambda domain: directory.of_domain(domain) is not None,
        account=account.dial,
        faxbox=faxbox.dial,
    )
    return call.success({"steps": dict(found.steps), "dialled": found.dialled})


async def backup(call: Call) -> web.StreamResponse:
    """POST /admin/backup: store and spool together, into a folder that is not there yet."""
    target = (await call.body()).get("target")
    if not isinstance(target, str) or not target.startswith("/") or "\x00" in target:
        raise invalid({"target": ("invalid", "must be the absolute path of a folder to be made")})
    try:
        kept = await back_up(call.deps.store, Path(target), path_of=call.deps.spool.path)
    except FileExistsError:
        raise invalid({"target": ("exists", "is there already")}) from None
    except OSError as error:
        raise invalid({"target": ("invalid", error.strerror or "cannot be written")}) from None
    return call.success({"target": target, "files": kept.files, "octets": kept.octets, "missing": list(kept.missing)})


def _backend(name: str, backend: Backend, deps: Deps) -> dict[str, Any]:
    return {
        "name": name,
        "kind": deps.kinds.get(name, ""),
        "max_bytes": backend.limits.octets,
        "max_pages": backend.limits.pages,
        "faxboxes": sorted(
            f"{box.account_id}/{box.id}" for box in deps.directory().faxboxes.values() if name in box.backends
        ),
    }
