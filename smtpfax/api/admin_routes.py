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
from smtpfax.store import back_up

from .deps import Deps
from .envelope import invalid, not_found
from .present import rfc3339
from .routes import Call


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
