"""Commands for accounts and their people: apply, token, user, backend.

In:    a TOML file, ids, addresses.
Out:   what changed, in words.
Fails: as `door` does; 2 for a file that is not TOML.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from .exits import FAILED, USAGE, Stop
from .options import Config, Json, door
from .table import show

token_app = typer.Typer(help="API tokens.", no_args_is_help=True)
user_app = typer.Typer(help="The people of accounts.", no_args_is_help=True)
backend_app = typer.Typer(help="Fax services.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Hang them under the root."""
    app.command("apply")(apply)
    app.add_typer(token_app, name="token")
    app.add_typer(user_app, name="user")
    app.add_typer(backend_app, name="backend")


def apply(
    file: Path,
    config: Config = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove what an earlier apply made and FILE lacks.")] = False,
) -> None:
    """Make accounts, users and faxboxes as FILE says; twice is the same as once."""
    try:
        records = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as fault:
        raise Stop(USAGE, f"{file}: {fault.strerror}") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Stop(USAGE, f"{file}: {fault}") from fault
    answer = door(config).post("/admin/apply", {"records": records, "dry_run": dry_run, "prune": prune})
    for change in answer["data"]["changes"]:
        typer.echo(change)


@token_app.command("create")
def token_create(
    config: Config = None,
    account: Annotated[str, typer.Option(help="For this account alone.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="For all accounts.")] = False,
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Print a new token, once."""
    if admin == bool(account):
        raise Stop(USAGE, "say either --account ID or --admin")
    typer.echo(door(config).post("/admin/tokens", {"account_id": account, "name": name})["data"]["token"])


@token_app.command("list")
def token_list(config: Config = None, as_json: Json = False) -> None:
    """The tokens, without their secrets."""
    columns = ("id", "account_id", "name", "scopes", "created_at", "expires_at", "last_used_at")
    show(door(config).get("/admin/tokens")["data"], columns, as_json=as_json)


@token_app.command("revoke")
def token_revoke(id: str, config: Config = None) -> None:
    """End a token."""
    door(config).delete(f"/admin/tokens/{quote(id, safe='')}")
    typer.echo(f"{id}: revoked")


@user_app.command("list")
def user_list(config: Config = None, as_json: Json = False) -> None:
    """All users."""
    columns = ("email", "account_id", "role", "has_password", "reverse_paths")
    show(door(config).get("/admin/users")["data"], columns, as_json=as_json)


@user_app.command("password")
def user_password(email: str, config: Config = None) -> None:
    """Set a user's password, asked for twice; where nobody is at a terminal, standard input's first line."""
    if sys.stdin.isatty():
        password = typer.prompt(f"New password for {email}", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    door(config).post("/admin/users/password", {"email": email, "password": password})
    typer.echo(f"{email}: password set")


@backend_app.command("list")
def backend_list(config: Config = None, as_json: Json = False) -> None:
    """The fax services of the configuration."""
    columns = ("name", "kind", "max_bytes", "max_pages", "faxboxes")
    show(door(config).get("/admin/backends")["data"], columns, as_json=as_json)


@backend_app.command("test")
def backend_test(name: str, config: Config = None) -> None:
    """Sign in to a fax service, and say in words what was found."""
    found = door(config).post(f"/admin/backends/{quote(name, safe='')}/test")["data"]
    typer.echo(found["text"])
    if not found["ok"]:
        raise Stop(FAILED)
