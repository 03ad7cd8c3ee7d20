"""A real SMTP door on the loopback, on a real store and spool; only the worker behind it is told what to find."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from smtpfax.api.meter import Metrics
from smtpfax.intake.crowd import Load
from smtpfax.intake.desk import Desk, Manners
from smtpfax.intake.proofs.auth import HASHER, SignIn
from smtpfax.intake.proofs.gather import Gatherer
from smtpfax.intake.proofs.play import Trust
from smtpfax.intake.server import Server
from smtpfax.intake.tls import Files, Tls
from smtpfax.model.account import Account, Directory, Faxbox, Permission, Proof, User
from smtpfax.model.backend import Limits
from smtpfax.model.caps import Caps
from smtpfax.model.dialling import Dialling
from smtpfax.model.expression import Expression
from smtpfax.model.ids import make_ids
from smtpfax.model.status import Reply
from smtpfax.spool import Disk, Spool
from smtpfax.store import Store
from tests.intake.proofs.zone import Table, Zone

NETWORK = frozenset({Proof.NETWORK})
ACME = Account(
    id="acme",
    name="Acme",
    region="US",
    fax_domains=("acme-fax.example",),
    users=(User(email="ann@acme.example", reverse_paths=frozenset({"ann@acme.example"})),),
)


def permits(pattern: str, proofs: frozenset[Proof] = NETWORK) -> Permission:
    """A permission."""
    return Permission(pattern=pattern, proofs=proofs)


FAXBOXES = (
    Faxbox(
        id="sales",
        account_id="acme",
        name="Sales",
        owner="ann@acme.example",
        fax_domains=("fax.example",),
        number="+12025550100",
        backends=("line",),
        permissions=(permits("*@acme.example"),),
    ),
    Faxbox(
        id="legal",
        account_id="acme",
        name="Legal",
        owner="ben@acme.example",
        fax_domains=("legal.fax.example",),
        backends=("line",),
        permissions=(permits("ben@acme.example"), permits("*", frozenset({Proof.AUTH}))),
    ),
    Faxbox(
        id="partner",
        account_id="acme",
        name="Partner",
        fax_domains=("partner.fax.example",),
        backends=("line",),
        permissions=(
            permits("*@partner.example", frozenset({Proof.SPF})),
            permits("*@forged.example", frozenset({Proof.SPF})),
            permits("*@silent.example", frozenset({Proof.SPF})),
            permits("*@signed.example", frozenset({Proof.DKIM})),
        ),
    ),
    Faxbox(
        id="either",
        account_id="acme",
        name="Either",
        fax_domains=("either.fax.example",),
        backends=("line",),
        permissions=(permits("*@signed.example", NETWORK | {Proof.DKIM}),),
    ),
    Faxbox(
        id="kazoo",
        account_id="acme",
        name="As Kazoo had it",
        fax_domains=("kazoo.fax.example",),
        backends=("line",),
        permissions=(
            Permission(pattern=Expression("joe@x.example"), proofs=NETWORK),
            Permission(pattern=Expression(r"(ann|ben).*@(mail|fax).y.example"), proofs=NETWORK),
        ),
    ),
    Faxbox(
        id="small",
        account_id="acme",
        name="Small",
        fax_domains=("small.fax.example",),
        backends=("narrow",),
        permissions=(permits("*@acme.example"),),
    ),
)
THRIFTY = Account(
    id="thrifty", name="Thrifty", dial=Dialling(allow_regions=frozenset({"US", "GB"}), deny_prefixes=("+44131",))
)
CAPPED = Faxbox(
    id="capped",
    account_id="thrifty",
    name="Capped",
    fax_domains=("capped.example",),
    backends=("line",),
    permissions=(permits("*"),),
    dial=Dialling(allow_prefixes=("+1900",)),
    caps=Caps(faxes_per_hour=3),
    caps_each=Caps(faxes_per_day=2),
)
OTHERS = Faxbox(
    id="others",
    account_id="thrifty",
    name="Others",
    fax_domains=("others.example",),
    backends=("line",),
    permissions=(permits("*", frozenset({Proof.AUTH})),),
)
DIRECTORY = Directory.of([ACME, THRIFTY], [*FAXBOXES, CAPPED, OTHERS])
LIMITS = {"line": Limits(octets=10**7, pages=200), "narrow": Limits(octets=10**7, pages=200, mail_octets=2000)}
MANNERS = Manners(
    hostname="mx.fax.example",
    max_octets=100_000,
    max_recipients=12,
    max_line=2000,
    max_errors=5,
    max_sessions=20,
    command_seconds=5,
    data_seconds=10,
    min_data_rate=0,
    inline_octets=20_000,
    verdict_seconds=5,
    duplicate_hours=1,
    expiry=timedelta(hours=1),
    most_hold=timedelta(days=1),
    tells=True,
    postmaster="admin@example.com",
    trust=Trust(trusted=(ip_network("127.0.0.0/8"),)),
    max_sessions_each=10,
    max_mails=50,
    max_arriving=1_000_000,
    max_idle=20,
    session_seconds=60,
    proxies=(),
)
PASSWORD = "correct horse"
HASH = HASHER.hash(PASSWORD)


@dataclass(slots=True)
class Found:
    """Implements `model.verdict.Verdicts`: what the worker would have found."""

    reply: Reply | None = None
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    gate: asyncio.Event | None = None  # the answer waits for it

    async def wait(self, mail_id: str, job_ids: Sequence[str], *, seconds: float) -> Reply | None:
        """The verdict."""
        self.asked.append((mail_id, tuple(job_ids)))
        if self.gate is not None:
            await self.gate.wait()
        return self.reply


@dataclass(slots=True)
class Here:
    """A door that is open, and what stands behind it."""

    port: int
    store: Store
    spool: Spool
    found: Found
    server: Server
    woken: list[None]
    sign_in: SignIn
    clients: list[asyncio.StreamWriter] = field(default_factory=list)  # closed with the door
    load: Load = field(default_factory=Load)
    tls_port: int = 0  # where TLS begins with the first octet


@asynccontextmanager
async def door(
    folder: Path,
    manners: Manners = MANNERS,
    found: Found | None = None,
    disk: Disk | None = None,
    zone: Table | None = None,
    files: Files | None = None,
) -> AsyncIterator[Here]:
    """Open a door; with files, one that speaks TLS."""
    found = found or Found()
    ids = make_ids(lambda: datetime.now(UTC), random.getrandbits)
    store = await Store.open(str(folder / "smtpfax.db"), busy_seconds=5, clock=lambda: datetime.now(UTC), ids=ids)
    spool = Spool(folder / "spool", disk)
    woken: list[None] = []
    desk = Desk(
        settings=lambda: manners,
        store=store,
        spool=spool,
        directory=lambda: DIRECTORY,
        limits=LIMITS,
        gatherer=Gatherer(resolver=Zone(zone or {}), clock=lambda: datetime.now(UTC), trust=lambda: manners.trust),
        verdicts=found,
        wake=lambda: woken.append(None),
        clock=lambda: datetime.now(UTC),
        ids=ids,
        meter=Metrics(),
        tls=Tls(files, Metrics()),
        sign_in=SignIn(_hash_of, clock=time.monotonic),
    )
    server = Server(desk)
    sock, tls_sock = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    await server.open([sock])
    await server.open([tls_sock], tls=True)
    here = Here(sock.getsockname()[1], store, spool, found, server, woken, desk.sign_in, load=desk.load)
    here.tls_port = tls_sock.getsockname()[1]
    try:
        yield here
    finally:
        for client in here.clients:
            client.close()
        await server.close(seconds=2)
        desk.sign_in.close()
        await store.close()
        assert (desk.load.octets, desk.load.in_hand) == (0, 0)  # whatever came was kept or let go
        assert not server._registry._crowd._sessions  # and whoever came was seen off, once


async def _hash_of(user: str) -> str | None:
    """Ann's password is known."""
    return HASH if user == "ann@acme.example" else None


def with_manners(**changed: object) -> Manners:
    """The manners, with some of them changed."""
    return replace(MANNERS, **changed)  # type: ignore[arg-type]
