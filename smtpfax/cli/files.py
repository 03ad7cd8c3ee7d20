"""Commands for files and numbers: send, render, number.

In:    documents, a number.
Out:   a job, a TIFF, or how the number is read.
Fails: as `door` does; 1 when the document cannot be faxed.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from .door import AdminDoor
from .exits import FAILED, USAGE, Stop
from .options import DEFAULT, Config, Json, door, settings
from .table import plain, show_one

WAIT_SECONDS = 0.5
RESOLUTIONS = ("standard", "fine", "superfine")
PAPERS = ("letter", "a4", "legal")
Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, readable=True)]


def register(app: typer.Typer) -> None:
    """Hang them under the root."""
    app.command("send")(send)
    app.command("render")(render)
    app.command("number")(number)


def send(
    to: Annotated[str, typer.Argument(metavar="NUMBER")],
    files: Files,
    faxbox: Annotated[str, typer.Option(help="ID, or ACCOUNT/ID.")],
    config: Config = None,
    cover: Annotated[str, typer.Option(help="A text that goes before the files.")] = "",
    at: Annotated[datetime | None, typer.Option(help="Not before this time.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until it is sent or has failed.")] = False,
) -> None:
    """Fax files from the shell."""
    when = at.astimezone().isoformat() if at else ""
    admin = door(config)
    fields = {"number": to, "faxbox": faxbox, "cover": cover, "at": when}
    job = admin.post_files("/admin/send", fields, files)["data"]
    typer.echo(f"{job['id']}: {job['state']}")
    if wait:
        _wait(admin, job["id"], job["state"])


def _wait(admin: AdminDoor, id: str, state: str) -> None:
    while True:
        job: dict[str, Any] = admin.get(f"/admin/queue/{id}")["data"]
        if job["state"] != state:
            state = job["state"]
            typer.echo(f"{id}: {state} {plain(job.get('text'))}".rstrip())
        if state in ("sent", "failed", "cancelled"):
            raise Stop(0 if state == "sent" else FAILED)
        time.sleep(WAIT_SECONDS)


def render(
    files: Files,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT.tif")],
    resolution: Annotated[str, typer.Option(help="standard, fine or superfine.")] = "fine",
    paper: Annotated[str, typer.Option(help="letter, a4 or legal.")] = "letter",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Render documents (or one .eml) exactly as a fax would be."""
    from smtpfax.app.offline import render_files
    from smtpfax.config import load
    from smtpfax.model.errors import Fault

    if resolution not in RESOLUTIONS or paper not in PAPERS:
        raise Stop(USAGE, f"--resolution is one of {', '.join(RESOLUTIONS)}; --paper one of {', '.join(PAPERS)}")
    found = settings(config) if config or DEFAULT.exists() else load(None)
    try:
        told = asyncio.run(render_files(files, output, resolution=resolution, paper=paper, settings=found))
    except Fault as fault:
        raise Stop(FAILED, fault.text) from fault
    typer.echo(told.as_json() if as_json else told.as_text())


def number(
    text: Annotated[str, typer.Argument(metavar="NUMBER|ADDRESS")],
    region: Annotated[str, typer.Option(help="How numbers without + are read, such as US.")] = "US",
    faxbox: Annotated[str, typer.Option(help="ID, or ACCOUNT/ID: ask the daemon by this faxbox's rules.")] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """How an address is read, step by step, and whether its number may be dialled: by the defaults, or by a faxbox."""
    from smtpfax.model.explain import explain

    if len(region) != 2:
        raise Stop(USAGE, "a region is two letters, such as US")
    if faxbox:
        told = door(config).get("/admin/number", {"address": text, "faxbox": faxbox})["data"]
        steps, dialled = told["steps"], told["dialled"]
    else:
        found = explain(text, region=region.upper())
        steps, dialled = found.steps, found.dialled
    show_one({"steps": steps, "dialled": dialled} if as_json else steps, as_json=as_json)
    if not dialled:
        raise Stop(FAILED)
