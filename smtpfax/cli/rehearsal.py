"""The demo's play: a daemon on the loopback, and one fax through all of it.

In:    Wishes, and where to tell.
Out:   whether the sample fax arrived; its pages as files in the folder.
Fails: ConfigError, when a port is taken.
"""

from __future__ import annotations

import asyncio
import email.policy
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

from smtpfax import logs
from smtpfax.app.house import House
from smtpfax.config import Settings, load
from smtpfax.testing import Catcher, sample_mail, sample_pdf, send_mail

from .door import AdminDoor

SENDER = "ann@demo.example"
TO = "+12025550142@fax.demo.example"
SECONDS = 90.0
RECORDS = {
    "accounts": [
        {
            "id": "demo",
            "name": "Demo",
            "region": "US",
            "users": [{"email": SENDER}],
            "faxboxes": [
                {
                    "id": "front-desk",
                    "name": "Front desk",
                    "owner": SENDER,
                    "fax_domains": ["fax.demo.example"],
                    "number": "+12025550101",
                    "header": "Demo front desk",
                    "backend": "line",
                    "permissions": [{"reverse_path": "*@demo.example", "proof": ["network"]}],
                },
                {
                    "id": "archive",
                    "name": "Archive",
                    "fax_domains": ["archive.demo.example"],
                    "number": "+12025550142",
                    "backend": "line",
                },
            ],
        }
    ]
}
PAGES = (
    ("smtpfax", "", "This page was a mail a moment ago.", "It went in over SMTP, was kept before its 250,"),
    ("and became a fax: Group 4, 1728 pels wide, 196 lines an inch.", "", "Page 2 of 2."),
)
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How the demo shall run."""

    folder: Path
    smtp_port: int
    http_port: int
    once: bool


def settings_for(wishes: Wishes, relay_port: int) -> Settings:
    """A daemon that trusts the loopback, with a line that is its own exchange."""
    overrides = {
        "hostname": "demo.example",
        "smtp": {"listen": [f"127.0.0.1:{wishes.smtp_port}"], "trusted_networks": ["127.0.0.0/8"]},
        "http": {
            "listen": [f"127.0.0.1:{wishes.http_port}"],
            "public_url": f"http://127.0.0.1:{wishes.http_port or 8025}",
        },
        "admin": {"socket": str(wishes.folder / "admin.sock")},
        "store": {"url": f"sqlite:///{wishes.folder / 'smtpfax.db'}"},
        "spool": {"path": str(wishes.folder / "spool")},
        "notices": {"relay": f"127.0.0.1:{relay_port}", "from": "fax@demo.example", "starttls": "never"},
        "backends": {"line": {"kind": "embedded", "seconds_per_page": 0.3}},
        "log": {"level": "warning"},
    }
    return load(None, overrides=overrides, environ={})


async def rehearse(wishes: Wishes, tell: Tell) -> bool:
    """Play it; without `once`, go on serving until ^C."""
    caught: asyncio.Queue[bytes] = asyncio.Queue()
    catcher = Catcher(lambda content, _: caught.put_nowait(content))
    await catcher.open()
    wishes.folder.mkdir(parents=True, exist_ok=True)
    settings = settings_for(wishes, catcher.port)
    logs.setup("warning")
    house = await House.build(settings)
    await house.open({})
    stop = asyncio.Event()
    living = asyncio.create_task(house.work(stop))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with asyncio.timeout(SECONDS):
            arrived = await _play(house, wishes, caught, tell)
        await _serve(house, wishes, stop, tell)
    except TimeoutError:
        arrived = False
    finally:
        stop.set()
        await living
        await catcher.close()
    return arrived


async def _play(house: House, wishes: Wishes, caught: asyncio.Queue[bytes], tell: Tell) -> bool:
    admin = AdminDoor(house.settings.admin.socket)
    port = house.smtp.port
    tell(f"smtpfax listens for mail on 127.0.0.1:{port}; everything it keeps is in {wishes.folder}")
    for change in (await asyncio.to_thread(admin.post, "/admin/apply", {"records": RECORDS}))["data"]["changes"]:
        tell(f"  {change}")
    mail = sample_mail(sender=SENDER, to=TO, subject="Sample fax", pdf=sample_pdf(PAGES))
    mail.replace_header("Message-ID", f"<{house.ids()}@demo.example>")
    tell(f"a mail with a two-page PDF goes from {SENDER} to {TO}")
    reply = await asyncio.to_thread(send_mail, mail, port=port, sender=SENDER, to=[TO])
    tell(f"  the daemon answers: {reply}")
    job = await _follow(admin, f"{reply.split()[2]}-1", tell)
    if job["state"] != "sent":
        return False
    await _show_fax(house, wishes, tell)
    _show_notice(await caught.get(), tell)
    return True


async def _follow(admin: AdminDoor, job_id: str, tell: Tell) -> dict[str, Any]:
    """Tell each event of the job's history once."""
    told = 0
    while True:
        job: dict[str, Any] = (await asyncio.to_thread(admin.get, f"/admin/queue/{job_id}"))["data"]
        events: Sequence[dict[str, Any]] = job["history"]
        for event in events[told:]:
            tell(f"  {job_id}: {event['event']}{_detail(event)}")
        told = len(events)
        if job["state"] in ("sent", "failed", "cancelled"):
            return job
        await asyncio.sleep(0.1)


def _detail(event: dict[str, Any]) -> str:
    known = {
        "rendered": lambda: f", {event['document']['pages']} pages, {event['document']['octets']} octets",
        "offered": lambda: f" to {event['backend']}",
        "progressed": lambda: f", page {event['pages_sent']} is over the line",
        "failed": lambda: f": {event['text']}",
        "deferred": lambda: f": {event['text']}",
    }
    show = known.get(str(event["event"]))
    return show() if show else ""


async def _show_fax(house: House, wishes: Wishes, tell: Tell) -> None:
    page = await house.store.inbox.page(limit=1, account_id="demo")
    fax = page.rows[0]
    tell(f"faxbox {fax.faxbox_id} received {fax.document.pages} pages from {fax.from_number}")
    tiff, pdf = wishes.folder / "fax.tif", wishes.folder / "fax.pdf"
    tiff.write_bytes(await house.spool.read(fax.document.name))
    pdf.write_bytes(await house.renderer.pdf(fax.document))
    tell(f"  as the far machine prints it: {tiff} and {pdf}")


def _show_notice(content: bytes, tell: Tell) -> None:
    notice = message_from_bytes(content, policy=email.policy.default)
    body = notice.get_body(("plain",))
    tell(f"the sender is told: {notice['Subject']}")
    for line in (body.get_content() if body else "").splitlines()[:12]:
        tell(f"  | {line}")


async def _serve(house: House, wishes: Wishes, stop: asyncio.Event, tell: Tell) -> None:
    if wishes.once:
        return
    admin = AdminDoor(house.settings.admin.socket)
    token = (await asyncio.to_thread(admin.post, "/admin/tokens", {"account_id": "", "name": "demo"}))["data"]["token"]
    url = f"http://127.0.0.1:{house.http.port}"
    tell(f"the pages: {url}/sign-in?way=token")
    tell(f"  the token to sign in with: {token}")
    tell(f"the SMTP log: curl -H 'X-Auth-Token: {token}' {url}/v2/smtplog")
    tell(f"a mail of your own: swaks -s 127.0.0.1:{house.smtp.port} -f {SENDER} --to FAX={TO} --attach @FILE.pdf")
    tell("serving until ^C")
    await stop.wait()
