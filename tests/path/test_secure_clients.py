"""Real senders sign in over STARTTLS and over TLS from the first octet, and check our certificate by its authority."""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from tempfile import TemporaryDirectory

import aiosmtplib
import pytest

from smtpfax.testing import sample_mail, sample_pdf
from tests.intake.authority import Authority
from tests.path.daemon import PAGES, SENDER, Daemon, Wish, daemon, run
from tests.path.test_clients import TO, needs, through_postfix

HOST = "127.0.0.1"
PASSWORD = "correct horse"
CA = Authority()
MADE = CA.certify("mx.acme.example", HOST)
EXIM = Path(sys.prefix) / "exim/usr/sbin/exim4"
# Whoever faxes has to sign in: that they come from the loopback proves nothing here.
PERMITTED = """
[[accounts]]
id = "acme"
  [[accounts.faxboxes]]
  id = "sales"
  permissions = [{reverse_path = "*@acme.example", proof = ["auth"]}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a sender reaches us."""

    here: Daemon
    folder: Path
    first: bool  # TLS from the first octet

    @property
    def port(self) -> int:
        """Of the listener."""
        return self.here.smtps if self.first else self.here.smtp

    @property
    def authority(self) -> Path:
        """The file that senders are told to trust."""
        path = self.folder / "authority.pem"
        path.write_bytes(CA.certificate)
        return path

    @property
    def mail(self) -> EmailMessage:
        """A mail of its own, so that it is no duplicate."""
        return sample_mail(sender=SENDER, to=TO, subject=f"by port {self.port}", pdf=sample_pdf(PAGES))

    @property
    def file(self) -> Path:
        """The mail in a file."""
        path = self.folder / f"{self.port}.eml"
        path.write_bytes(self.mail.as_bytes(policy=SMTP))
        return path


async def by_swaks(way: Way) -> None:
    """As an administrator tries a mail server."""
    await run(
        *("swaks", "--server", f"{HOST}:{way.port}", "--tlsc" if way.first else "--tls", "--tls-verify"),
        *("--tls-ca-path", str(way.authority), "--auth", "LOGIN", "--auth-user", SENDER, "--auth-password", PASSWORD),
        *("--from", SENDER, "--to", f"FAX={TO}", "--data", f"@{way.file}"),
    )


async def by_curl(way: Way) -> None:
    """As a script does."""
    url = f"smtps://{HOST}:{way.port}" if way.first else f"smtp://{HOST}:{way.port}"
    await run(
        *("curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", str(way.authority), "--url", url),
        *("--user", f"{SENDER}:{PASSWORD}", "--mail-from", SENDER, "--mail-rcpt", TO, "--upload-file", str(way.file)),
    )


async def by_msmtp(way: Way) -> None:
    """As cron's mails leave a server."""
    config = way.folder / f"msmtprc-{way.port}"
    config.write_text(
        f"account default\nhost {HOST}\nport {way.port}\nfrom {SENDER}\ntls on\ntls_trust_file {way.authority}\n"
        f'tls_starttls {"off" if way.first else "on"}\nauth plain\nuser {SENDER}\npassword "{PASSWORD}"\n'
    )
    config.chmod(0o600)
    await run("msmtp", "-C", str(config), TO, stdin=way.mail.as_bytes())


async def by_smtplib(way: Way) -> None:
    """As a program does."""
    context = ssl.create_default_context(cafile=str(way.authority))

    def send() -> None:
        if way.first:
            client: smtplib.SMTP = smtplib.SMTP_SSL(HOST, way.port, context=context)
        else:
            client = smtplib.SMTP(HOST, way.port)
            client.starttls(context=context)
        with client:
            client.login(SENDER, PASSWORD)
            client.send_message(way.mail)

    await asyncio.to_thread(send)


async def by_aiosmtplib(way: Way) -> None:
    """As an asynchronous program does."""
    await aiosmtplib.send(
        way.mail,
        hostname=HOST,
        port=way.port,
        use_tls=way.first,
        start_tls=not way.first,
        tls_context=ssl.create_default_context(cafile=str(way.authority)),
        username=SENDER,
        password=PASSWORD,
    )


async def by_postfix(way: Way) -> None:
    """As the mail server of a company does, for its one gateway."""
    more = (
        f"smtp_tls_security_level = secure\nsmtp_tls_secure_cert_match = mx.acme.example\n"
        f"smtp_tls_CAfile = {{}}/authority.pem\nsmtp_tls_wrappermode = {'yes' if way.first else 'no'}\n"
        f"smtp_sasl_auth_enable = yes\nsmtp_sasl_security_options = noanonymous\n"
        f"smtp_sasl_password_maps = inline:{{{{ {{{{[{HOST}]:{way.port} = {SENDER}:{PASSWORD}}}}} }}}}"
    )
    # Postfix gives up root, and then must still find its way to its folders.
    with TemporaryDirectory(prefix="smtpfax-postfix-") as place:
        folder = Path(place)
        await run("chmod", "755", place)
        (folder / "authority.pem").write_bytes(CA.certificate)
        await through_postfix(way.here, folder, port=way.port, more=more.format(place))


async def by_exim(way: Way) -> None:
    """As the mail server of a hoster does; in a world where Debian's user for it is ours."""
    place = way.folder / f"exim-{way.port}"
    (place / "spool").mkdir(parents=True)
    (place / "passwd").write_text(f"Debian-exim:x:{os.getuid() or 1000}:{os.getgid() or 1000}::/:/bin/false\n")
    (place / "group").write_text(f"Debian-exim:x:{os.getgid() or 1000}:\n")
    (place / "exim.conf").write_text(
        f"primary_hostname = mail.acme.example\nspool_directory = {place}/spool\nlog_file_path = {place}/%slog\n"
        f"exim_path = {EXIM}\nkeep_environment =\n"
        f"begin routers\nall:\n  driver = manualroute\n  route_list = * {HOST}::{way.port}\n  self = send\n"
        f"  transport = out\n"
        f"begin transports\nout:\n  driver = smtp\n  protocol = {'smtps' if way.first else 'smtp'}\n"
        f"  hosts_require_tls = *\n  hosts_require_auth = *\n  tls_verify_hosts = *\n"
        f"  tls_verify_certificates = {way.authority}\n"
        f"begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n"
        f"  client_send = ^{SENDER}^{PASSWORD}\n"
    )
    world = (
        *("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--bind", str(place), str(place), "--die-with-parent"),
        *("--ro-bind", str(place / "passwd"), "/etc/passwd", "--ro-bind", str(place / "group"), "/etc/group"),
        *("--unshare-user", "--uid", str(os.getuid() or 1000), "--gid", str(os.getgid() or 1000)),
    )
    sending = (str(EXIM), "-C", str(place / "exim.conf"), "-odf", "-oi", "-f", SENDER, TO)
    await run(*world, *sending, stdin=way.mail.as_bytes())
    log = (place / "mainlog").read_text()
    assert 'CV=yes A=plain C="250 2.0.0 ' in log, log


SENDERS = [
    pytest.param(by_swaks, marks=needs("swaks"), id="swaks"),
    pytest.param(by_curl, marks=needs("curl"), id="curl"),
    pytest.param(by_msmtp, marks=needs("msmtp"), id="msmtp"),
    pytest.param(by_smtplib, id="smtplib"),
    pytest.param(by_aiosmtplib, id="aiosmtplib"),
    pytest.param(by_postfix, marks=needs("postfix", "sendmail"), id="postfix"),
    pytest.param(
        by_exim,
        marks=[needs("bwrap"), pytest.mark.skipif(not EXIM.exists(), reason="not unpacked: .ci/setup does")],
        id="exim",
    ),
]


@pytest.mark.parametrize("send", SENDERS)
async def test_a_sender_signs_in_by_both_ways_and_its_mails_are_taken(
    send: Callable[[Way], Awaitable[None]], tmp_path: Path
) -> None:
    async with daemon(tmp_path, Wish(tls=MADE)) as here:
        (tmp_path / "permitted.toml").write_text(PERMITTED)
        await here.smtpfax("apply", str(tmp_path / "permitted.toml"))
        await here.smtpfax("user", "password", SENDER, stdin=f"{PASSWORD}\n")
        for first in (False, True):
            await send(Way(here=here, folder=tmp_path, first=first))
        rows = (await here.get("/v2/smtplog"))["data"]
        assert [row["outcome"] for row in rows] == ["taken", "taken"]
        for row in rows:
            detail = (await here.get(f"/v2/accounts/acme/faxes/smtplog/{row['id']}"))["data"]
            assert detail["client"]["tls"] in ("TLSv1.2", "TLSv1.3")
            assert detail["client"]["user"] == SENDER
            assert (await here.ends(row["job_id"]))["state"] == "sent"
