"""Commands that look at the daemon's records and steer its jobs: log, queue, db.

In:    ids and filters.
Out:   tables, or JSON.
Fails: as `door` does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from .door import AdminDoor
from .options import Config, Json, door, settings
from .table import plain, show, show_one

LOG_COLUMNS = ("created_at", "id", "outcome", "from", "to", "state", "job_id", "reply")
QUEUE_COLUMNS = ("id", "state", "to", "faxbox_id", "pages", "attempts", "next_at", "text")
TAIL_SECONDS = 1.0
Limit = Annotated[int, typer.Option("-n", "--limit", min=1, max=1000, help="How many at most.")]

log_app = typer.Typer(help="The SMTP log: every attempt, the refused ones too.", no_args_is_help=True)
queue_app = typer.Typer(help="The jobs.", no_args_is_help=True)
db_app = typer.Typer(help="The database.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Hang them under the root."""
    app.add_typer(log_app, name="log")
    app.add_typer(queue_app, name="queue")
    app.add_typer(db_app, name="db")


@log_app.command("list")
def log_list(
    config: Config = None,
    limit: Limit = 20,
    outcome: Annotated[str, typer.Option(help="taken, refused, deferred or abandoned.")] = "",
    sender: Annotated[str, typer.Option("--from", help="The reverse-path.")] = "",
    to: Annotated[str, typer.Option("--to", help="The forward-path.")] = "",
    as_json: Json = False,
) -> None:
    """The newest attempts."""
    query = {"page_size": limit, "filter_outcome": outcome, "filter_from": sender, "filter_to": to}
    show(door(config).get("/admin/log", query)["data"], LOG_COLUMNS, as_json=as_json)


@log_app.command("show")
def log_show(id: str, config: Config = None, as_json: Json = False) -> None:
    """One attempt: client, proofs, parts, and the history of its job."""
    show_one(door(config).get(f"/admin/log/{id}")["data"], as_json=as_json)


@log_app.command("tail")
def log_tail(config: Config = None) -> None:
    """New attempts as they come, until ^C."""
    for row in _follow(door(config)):
        typer.echo("  ".join(plain(row.get(column, "")) for column in LOG_COLUMNS))


def _follow(admin: AdminDoor) -> Iterator[dict[str, Any]]:
    seen = {row["id"] for row in admin.get("/admin/log", {"page_size": 100})["data"]}
    while True:
        rows = [row for row in admin.get("/admin/log", {"page_size": 100})["data"] if row["id"] not in seen]
        seen.update(row["id"] for row in rows)
        yield from reversed(rows)
        time.sleep(TAIL_SECONDS)


@queue_app.command("list")
def queue_list(
    config: Config = None,
    limit: Limit = 50,
    everything: Annotated[bool, typer.Option("--all", help="Final jobs too.")] = False,
    as_json: Json = False,
) -> None:
    """The jobs that are not final."""
    query = {"page_size": limit, "all": "true" if everything else ""}
    show(door(config).get("/admin/queue", query)["data"], QUEUE_COLUMNS, as_json=as_json)


@queue_app.command("show")
def queue_show(id: str, config: Config = None, as_json: Json = False) -> None:
    """One job, with its history."""
    show_one(door(config).get(f"/admin/queue/{id}")["data"], as_json=as_json)


def _steer(action: str, help_text: str) -> None:
    @queue_app.command(action, help=help_text)
    def command(ids: list[str], config: Config = None) -> None:
        admin = door(config)
        for id in ids:
            job = admin.post(f"/admin/queue/{id}/{action}")["data"]
            typer.echo(f"{id}: {job['state']}{' (held)' if job.get('held') else ''}")


_steer("retry", "Try a job now that waits for its next try.")
_steer("cancel", "Take a job back, if it can still be.")
_steer("hold", "Keep a job from being offered.")
_steer("release", "Let a held job go on.")


@db_app.command("upgrade")
def db_upgrade(config: Config = None) -> None:
    """Bring the database's schema to this version's."""
    from smtpfax.app.offline import upgrade

    typer.echo(asyncio.run(upgrade(settings(config))))


@db_app.command("current")
def db_current(config: Config = None) -> None:
    """The revision of the database's schema, and this version's."""
    from smtpfax.app.offline import current

    typer.echo(asyncio.run(current(settings(config))))


@db_app.command("backup")
def db_backup(target: Path, config: Config = None) -> None:
    """Copy store and spool together into a new folder; the daemon may run."""
    from smtpfax.app.offline import backup

    typer.echo(asyncio.run(backup(settings(config), target)))
