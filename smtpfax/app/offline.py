"""What the command line does without a daemon: the database's upkeep, and rendering files.

In:    Settings, and files.
Out:   words for a person, a TIFF.
Fails: Held, when a daemon runs and the act needs the store alone; Fault, when a file cannot be faxed.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from smtpfax.config import Settings
from smtpfax.model.document import LINE_BITS_PER_SECOND, Coding, Layout, Paper, Resolution
from smtpfax.model.event import PartNote
from smtpfax.model.ids import make_ids
from smtpfax.render.stage import PRELOAD
from smtpfax.render.trips import FILES, rendered
from smtpfax.sandbox import Sandbox
from smtpfax.spool import Spool
from smtpfax.store import Store, back_up
from smtpfax.store.migrate import NEWEST

from . import translate
from .house import now
from .lock import exclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of files that were rendered."""

    output: str
    pages: int
    octets: int
    seconds: float
    parts: Sequence[PartNote]

    def as_text(self) -> str:
        """For people."""
        lines = [f"{self.output}: {self.pages} pages, {self.octets} octets, {self.seconds:.0f} s on the line"]
        for part in self.parts:
            fate = f"left out: {part.left_out}" if part.left_out else f"{part.pages} pages"
            lines.append(f"  {part.path} {part.name or part.kind}: {fate}")
        return "\n".join(lines)

    def as_json(self) -> str:
        """For programs."""
        parts = [
            {"path": part.path, "name": part.name, "kind": part.kind, "pages": part.pages, "left_out": part.left_out}
            for part in self.parts
        ]
        return json.dumps({"pages": self.pages, "octets": self.octets, "seconds": self.seconds, "parts": parts})


async def render_files(files: Sequence[Path], output: Path, *, resolution: str, paper: str, settings: Settings) -> Told:
    """Render files exactly as a fax would be."""
    layout = Layout(paper=Paper(paper), resolution=Resolution(resolution), coding=Coding(settings.render.coding))
    asked = replace(translate.asked(settings), layout=layout, names=tuple(file.name for file in files))
    sandbox = Sandbox(replace(translate.sandbox_limits(settings), workers=1), preload=PRELOAD)
    office = translate.office(settings)
    await sandbox.start()
    try:
        blobs = [await asyncio.to_thread(file.read_bytes) for file in files]
        told, tiff = await rendered(FILES, asked, blobs, sandbox=sandbox, office=office)
    finally:
        await sandbox.stop()
        if office is not None:
            await office.stop()
    await asyncio.to_thread(output.write_bytes, tiff)
    seconds = told.bits / LINE_BITS_PER_SECOND
    return Told(output=str(output), pages=told.pages, octets=len(tiff), seconds=seconds, parts=told.parts)


async def upgrade(settings: Settings) -> str:
    """Opening the store brings its schema up to date."""
    with exclusive(settings.store.url.path):
        store = await _open(settings)
        await store.close()
    return f"{settings.store.url.path}: at revision {NEWEST}"


async def current(settings: Settings) -> str:
    """The revision of the database, and of this program."""
    path = settings.store.url.path
    found = await Store.revision(str(path)) if path.exists() else None
    return f"{path}: {found or 'no schema'}; this version: {NEWEST}"


async def backup(settings: Settings, target: Path) -> str:
    """Store and spool together; a daemon may run meanwhile."""
    store = await _open(settings)
    try:
        done = await back_up(store, target, path_of=Spool(settings.spool.path).path)
    finally:
        await store.close()
    missing = f", {len(done.missing)} whose time was over meanwhile" if done.missing else ""
    return f"{target}: the database and {done.files} files, {done.octets} octets{missing}"


async def _open(settings: Settings) -> Store:
    ids = make_ids(now, secrets.randbits)
    return await Store.open(settings.store.url, busy_seconds=settings.store.busy_seconds, clock=now, ids=ids)
