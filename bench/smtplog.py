"""The SMTP log as it grows: the time of each kind of page, in a small log and in large ones.

In:    this checkout's virtual environment; disk space (about 1.5 GB for a million rows).
Out:   milliseconds for each kind of page and each size, and the ratio of the largest to the smallest; exit 1 over 1.5.
Fails: says what is missing.

    python bench/smtplog.py [--rows 10000 1000000] [--times 200] [--folder DIR] [--plans]

The log is filled directly, through the store's own schema. Then a real daemon for each size is asked over HTTP in
turns, so that whatever else the machine does falls on all of them; the time is the lower quartile, which it touches
least. `--plans` prints how SQLite finds each page.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from ipaddress import ip_address
from itertools import islice
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

from sqlalchemy import create_engine, event, func, insert, select
from sqlalchemy.dialects import sqlite

from smtpfax.api.auth import new_token
from smtpfax.model.address import ReversePath
from smtpfax.model.attempt import Attempt, Outcome
from smtpfax.model.ids import make_ids
from smtpfax.model.job import State
from smtpfax.model.mail import Client, Header
from smtpfax.model.status import NOT_OUR_DOMAIN, NOT_PERMITTED, TAKEN
from smtpfax.store import AttemptFilter, Changes, Kind, Record, Store
from smtpfax.store.attempts import conditions
from smtpfax.store.cursor import write_cursor
from smtpfax.store.records import attempt_values
from smtpfax.store.schema import attempts

MOST_RATIO = 1.5
BATCH = 5_000
SHORT = 50  # rows of a page
CONFIG = """
hostname = "localhost"
[smtp]
listen = ["127.0.0.1:{smtp}"]
[http]
listen = ["127.0.0.1:{port}"]
requests_per_minute = 0
[admin]
socket = "{folder}/admin.sock"
[store]
url = "sqlite:///{folder}/smtpfax.db"
[spool]
path = "{folder}/spool"
[sandbox]
workers = 1
[notices]
enabled = false
[backends.line]
kind = "embedded"
"""
ACCOUNT = "/v2/accounts/acme/faxes/smtplog"
SENDER, RECIPIENT = "user7@acme.example", "+12025550107@fax.acme.example"
SPAN = timedelta(days=20)  # all of it within what is kept, strangers' rows too
BEGIN = datetime.now(UTC) - SPAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A log, and what is asked of it."""

    rows: int
    folder: Path
    token: str
    deep: str  # a start key in the middle
    detail: str


@dataclass(slots=True)
class Asked:
    """A daemon, the connection to it, and how long each kind of page took."""

    filled: Filled
    connection: HTTPConnection
    pages: Mapping[str, str]
    seconds: dict[str, list[float]]


def rows(count: int) -> Iterator[Attempt]:
    """Of one large account, a small one, and strangers; every filter finds more than a page in ten thousand rows."""
    ids, chance = make_ids(lambda: datetime.now(UTC), secrets.randbits), random.Random(1)
    for number in range(count):
        kind = chance.random()
        created = BEGIN + SPAN * number / count
        sender = ReversePath(f"user{chance.randrange(40)}", "acme.example")
        to = f"+12025550{chance.randrange(100, 140)}@fax.acme.example"
        plain = Attempt(
            id=ids(),
            created=created,
            client=Client(address=ip_address("192.0.2.7"), helo="mail.acme.example", tls="TLSv1.3"),
            reverse_path=sender,
            raw_from=str(sender),
            to=to,
            outcome=Outcome.REFUSED,
            reply=NOT_OUR_DOMAIN.reply(address=to),
            header=Header(message_id=f"<{number}@acme.example>", subject=f"Offer {number}"),
        )
        account = "acme" if kind < 0.85 else "small" if kind < 0.9 else ""
        box = f"box{chance.randrange(20)}"
        if not account:
            yield plain
        elif chance.random() < 0.05:
            refused = NOT_PERMITTED.reply(address=to)
            yield replace(plain, account_id=account, faxbox_id=box, reply=refused)
        else:
            taken = replace(plain, account_id=account, faxbox_id=box, outcome=Outcome.TAKEN, job_id=f"{plain.id}-1")
            yield replace(taken, reply=TAKEN.reply(mail=plain.id, tail=""), mail_id=plain.id)


def state_of(attempt: Attempt) -> State | None:
    """Most were sent."""
    if not attempt.job_id:
        return None
    return State.FAILED if hash(attempt.id) % 20 == 0 else State.SENT


def fill(path: Path, count: int) -> tuple[str, str]:
    """So many rows; the middle one's cursor, and its id."""
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    with engine.connect() as connection:
        made = rows(0 if connection.execute(select(attempts.c.id).limit(1)).first() else count)
        while batch := list(islice(made, BATCH)):
            values = [{**attempt_values(attempt), "state": state_of(attempt)} for attempt in batch]
            connection.execute(insert(attempts), values)
            connection.commit()
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        newest = connection.execute(select(func.max(attempts.c.created))).scalar_one()
        wanted = select(attempts).where(attempts.c.account_id == "acme", attempts.c.created >= newest - SPAN / 2)
        row = connection.execute(wanted.order_by(attempts.c.created).limit(1)).mappings().one()
    engine.dispose()
    return write_cursor(row["created"], row["id"]), row["id"]


async def begin(folder: Path) -> str:
    """An empty store with two accounts; a token of the administrator."""
    ids = make_ids(lambda: datetime.now(UTC), secrets.randbits)
    store = await Store.open(str(folder / "smtpfax.db"), busy_seconds=5, clock=lambda: datetime.now(UTC), ids=ids)
    accounts = [Record(kind=Kind.ACCOUNT, account_id=name, id=name, data={"name": name}) for name in ("acme", "small")]
    await store.accounts.write(Changes(put=accounts))
    fresh = new_token()
    token = await store.tokens.add(token_hash=fresh.hash, name="bench", scopes=("read",), expires=None)
    await store.close()
    return fresh.text(token.id)


def filled(folder: Path, count: int) -> Filled:
    """A log of this size."""
    folder.mkdir(exist_ok=True, parents=True)
    token = asyncio.run(begin(folder))
    began = time.monotonic()
    deep, detail = fill(folder / "smtpfax.db", count)
    octets = (folder / "smtpfax.db").stat().st_size
    print(f"{count} rows: {octets / 1e6:.0f} MB, filled in {time.monotonic() - began:.0f} s")
    return Filled(rows=count, folder=folder, token=token, deep=deep, detail=detail)


def pages_of(log: Filled) -> dict[str, str]:
    """What is asked, by what it is called."""
    filters = {"from": SENDER, "to": RECIPIENT, "outcome": "refused", "faxbox_id": "box7", "state": "failed"}
    asked = {"first": ACCOUNT, "deep": f"{ACCOUNT}?{urlencode({'start_key': log.deep})}"}
    for name, value in filters.items():
        asked[name] = f"{ACCOUNT}?{urlencode({f'filter_{name}': value})}"
        asked[f"{name}, deep"] = f"{ACCOUNT}?{urlencode({f'filter_{name}': value, 'start_key': log.deep})}"
    whole = {name: value for name, value in filters.items() if name != "faxbox_id"} | {"account_id": ""}
    asked |= {"all accounts": "/v2/smtplog", "all, deep": f"/v2/smtplog?{urlencode({'start_key': log.deep})}"}
    asked |= {f"all, {name}": f"/v2/smtplog?{urlencode({f'filter_{name}': value})}" for name, value in whole.items()}
    return asked | {"detail": f"{ACCOUNT}/{log.detail}"}


def serve(log: Filled, stack: ExitStack) -> Asked:
    """A daemon over it."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        smtp, port = one.getsockname()[1], other.getsockname()[1]
    config = log.folder / "config.toml"
    config.write_text(CONFIG.format(smtp=smtp, port=port, folder=log.folder), encoding="utf-8")
    output = stack.enter_context((log.folder / "daemon.log").open("wb"))
    process = subprocess.Popen([sys.executable, "-m", "smtpfax", "serve", "-c", config], stderr=output, stdout=output)
    stack.callback(process.wait)
    stack.callback(process.send_signal, signal.SIGTERM)
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            break
        except OSError:
            time.sleep(0.2)
    else:
        sys.exit(f"the daemon does not answer: {(log.folder / 'daemon.log').read_text()[-2000:]}")
    pages = pages_of(log)
    return Asked(log, HTTPConnection("127.0.0.1", port, timeout=60), pages, {name: [] for name in pages})


def ask(asked: Asked, name: str) -> None:
    """Once, timed to the last octet."""
    began = time.perf_counter()
    asked.connection.request("GET", asked.pages[name], headers={"X-Auth-Token": asked.filled.token})
    answer = asked.connection.getresponse()
    body = answer.read()
    asked.seconds[name].append(time.perf_counter() - began)
    if answer.status != 200:
        sys.exit(f"{asked.pages[name]}: {answer.status} {body[:500]!r}")
    if name != "detail" and b'"page_size":50' not in body:
        sys.exit(f"{name} of {asked.filled.rows} rows is no full page: the comparison would be none")


def table(measured: Sequence[Asked]) -> bool:
    """Print it; whether every list is flat."""
    print(f"{'':<18}" + "".join(f"{each.filled.rows:>12}" for each in measured) + f"{'ratio':>8}")
    flat = True
    for name in measured[0].pages:
        times = [quantiles(each.seconds[name], n=4)[0] for each in measured]
        ratio = times[-1] / times[0]
        flat = flat and ratio <= MOST_RATIO
        over = "  over" if ratio > MOST_RATIO else ""
        print(f"{name:<18}" + "".join(f"{each * 1000:>9.2f} ms" for each in times) + f"{ratio:>8.2f}{over}")
    return flat


def plans(log: Filled) -> None:
    """How SQLite finds each page of an account."""
    engine = create_engine(f"sqlite:///{log.folder / 'smtpfax.db'}")
    by = (
        AttemptFilter(account_id="acme"),
        AttemptFilter(account_id="acme", from_=SENDER),
        AttemptFilter(account_id="acme", to=RECIPIENT),
        AttemptFilter(account_id="acme", outcome=Outcome.REFUSED),
        AttemptFilter(account_id="acme", outcome=Outcome.TAKEN),
        AttemptFilter(account_id="acme", faxbox_id="box7"),
        AttemptFilter(account_id="acme", state=State.FAILED),
        AttemptFilter(),
        AttemptFilter(account_id=""),
        AttemptFilter(outcome=Outcome.REFUSED),
        AttemptFilter(state=State.FAILED),
    )
    newest = (attempts.c.created.desc(), attempts.c.id.desc())
    with engine.connect() as connection:
        for wanted in by:
            query = select(attempts).where(*conditions(wanted)).order_by(*newest).limit(SHORT + 1)
            text = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
            print(wanted, "\n   ", " / ".join(str(step[3]) for step in steps))
    engine.dispose()


def main() -> None:
    """Fill, serve, ask in turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where the logs are kept, and found filled by the next run")
    parser.add_argument("--plans", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing, ExitStack() as stack:
        folder = (chosen.folder or Path(passing)).absolute()
        logs = [filled(folder / str(count), count) for count in sorted(chosen.rows)]
        if chosen.plans:
            plans(logs[-1])
        measured = [serve(log, stack) for log in logs]
        for turn in range(chosen.times + 1):
            for name in measured[0].pages:
                for each in measured:
                    ask(each, name)
            if not turn:  # the first one warms up
                for each in measured:
                    each.seconds = {name: [] for name in each.pages}
        flat = table(measured)
    sys.exit(0 if flat else 1)


if __name__ == "__main__":
    main()
