"""The `smtpfax` command: its root, and the commands that need no daemon.

In:    arguments, a configuration.
Out:   an exit code; text on standard output, faults on standard error.
Fails: with the exit codes of `exits`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Annotated

import typer

from smtpfax import __version__

from . import demo, files, inbox, people, records
from .exits import BAD_CONFIG, FAILED, Stop
from .options import Config, Json, settings
from .table import show

app = typer.Typer(
    name="smtpfax",
    help="A mail goes in at one end and a fax comes out at the other.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="The configuration as it is read.", no_args_is_help=True)
app.add_typer(config_app, name="config")
for group in (demo, files, inbox, people, records):
    group.register(app)


def main() -> None:
    """The entry point."""
    try:
        app()
    except Stop as stop:
        if stop.text:
            typer.echo(f"smtpfax: {stop.text}" if stop.code != BAD_CONFIG else stop.text, err=True)
        sys.exit(stop.code)
    except BrokenPipeError:
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def serve(config: Config = None) -> None:
    """Run in the foreground; SIGTERM drains, SIGHUP reloads."""
    from smtpfax.app.daemon import run  # the daemon's imports cost a second, and no other command needs them

    sys.exit(run(settings(config), config_path=config, environ=os.environ))


@app.command()
def check(
    config: Config = None, online: Annotated[bool, typer.Option("--online", help="Ask others too.")] = False
) -> None:
    """Say what is wrong with the configuration; with --online ask TLS files, database and backends as well."""
    from smtpfax.app.check import check_here, check_online, remarks

    found = settings(config)
    faults = check_here(found) + (asyncio.run(check_online(found)) if online else [])
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise Stop(BAD_CONFIG)
    for remark in remarks(found):
        typer.echo(remark)
    typer.echo("ok")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"smtpfax {__version__}")


@config_app.command("show")
def config_show(config: Config = None, as_json: Json = False) -> None:
    """Every setting, with where it came from; secrets are not shown."""
    from smtpfax.config import describe

    rows = [{"key": key, "value": value, "origin": origin} for key, value, origin in describe(settings(config))]
    show(rows, ("key", "value", "origin"), as_json=as_json)


@config_app.command("schema")
def config_schema() -> None:
    """The configuration's JSON schema, for editors."""
    from smtpfax.config import schema

    typer.echo(json.dumps(schema(), indent=2))
