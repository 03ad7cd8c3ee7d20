"""Commands for what comes in, and for numbers that rest: inbox, resting.

In:    ids, ranges of dates, numbers.
Out:   tables, or JSON.
Fails: as `door` does; 2 for a date that is none.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

import typer

from .exits import USAGE, Stop
from .options import Config, Json, door
from .table import show

INBOX_COLUMNS = ("received_at", "id", "from", "to", "faxbox", "pages")
RESTING_COLUMNS = ("number", "tries", "last", "rests", "until")

inbox_app = typer.Typer(help="Faxes that came in.", no_args_is_help=True)
resting_app = typer.Typer(help="Numbers that the telephone network did not have.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Hang them under the root."""
    app.add_typer(inbox_app, name="inbox")
    app.add_typer(resting_app, name="resting")


@inbox_app.command("fetch")
def inbox_fetch(
    backend: str,
    since: Annotated[str, typer.Option("--from", help="A date or a time, such as 2026-11-01.")],
    until: Annotated[str, typer.Option("--to", help="The same; now, if it is not said.")] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Take what a fax service received in a range of dates, and we did not take before."""
    asked = {"since": _moment(since), "until": _moment(until) if until else datetime.now(UTC).isoformat()}
    found = door(config).post(f"/admin/inbox/{quote(backend, safe='')}/fetch", asked)["data"]
    show(found["taken"], INBOX_COLUMNS, as_json=as_json)
    if found["left"]:
        typer.echo(f"{found['left']} could not be taken just now: ask again later", err=True)


@resting_app.command("list")
def resting_list(config: Config = None, as_json: Json = False) -> None:
    """The numbers, with what is known of them."""
    show(door(config).get("/admin/resting")["data"], RESTING_COLUMNS, as_json=as_json)


@resting_app.command("clear")
def resting_clear(number: str, config: Config = None) -> None:
    """Let a number be called again."""
    door(config).delete(f"/admin/resting/{quote(number, safe='+')}")
    typer.echo(f"{number}: may be called again")


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Stop(USAGE, f"{text} is no date: write 2026-11-01, or 2026-11-01T08:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
