"""A certificate is renewed under a running daemon, and `check` says what is wrong with one."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.intake.authority import DAY, Authority, Made
from tests.path.daemon import Daemon, Wish, daemon, until

CA = Authority()
FIRST, SECOND = CA.certify("mx.acme.example"), CA.certify("renewed.example", "mx.acme.example")
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def session(here: Daemon) -> AsyncIterator[Streams]:
    """A session over TLS, greeted."""
    trusting = ssl.create_default_context(cadata=CA.certificate.decode())
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", here.smtps, ssl=trusting, server_hostname="mx.acme.example"
    )
    try:
        assert (await reader.readline()).startswith(b"220 mx.acme.example")
        yield reader, writer
    finally:
        writer.close()


async def shown(here: Daemon) -> str:
    """The first name on the certificate that a new session is shown."""
    async with session(here) as (_, writer):
        return str(writer.get_extra_info("ssl_object").getpeercert()["subjectAltName"][0][1])


def hang_up(here: Daemon) -> None:
    """SIGHUP, as `systemctl reload` sends it."""
    assert here.process is not None
    here.process.send_signal(signal.SIGHUP)


async def test_a_reload_takes_other_files_and_sessions_go_on(tmp_path: Path) -> None:
    async with daemon(tmp_path, Wish(tls=FIRST)) as here, session(here) as (reader, writer):
        (tmp_path / "new").mkdir()
        SECOND.put(tmp_path / "new")
        for file in ("certificate.pem", "key.pem"):
            settings = here.config.read_text()
            here.config.write_text(settings.replace(f"{tmp_path}/{file}", f"{tmp_path}/new/{file}"))
            hang_up(here)
            if file == "certificate.pem":  # half a pair is not taken
                await logged(here, "smtp.tls_key: does not belong to the certificate")
                assert await shown(here) == "mx.acme.example"

        async def renewed() -> bool:
            return await shown(here) == "renewed.example"

        await until(renewed)
        writer.write(b"NOOP\r\n")
        assert (await reader.readline()).startswith(b"250")


async def test_files_that_are_written_anew_are_taken_without_a_word(tmp_path: Path) -> None:
    async with daemon(tmp_path, Wish(tls=FIRST)) as here:
        assert await shown(here) == "mx.acme.example"
        SECOND.put(tmp_path)
        assert await shown(here) == "renewed.example"


async def test_check_says_what_is_wrong_and_a_daemon_does_not_start_with_half_a_pair(tmp_path: Path) -> None:
    async with daemon(tmp_path, Wish(tls=FIRST)) as here:
        CA.certify("mx.acme.example", ends=datetime.now(UTC) - DAY).put(tmp_path)
        assert "smtp.tls_certificate: expired on " in await here.smtpfax("check", "--online", code=78)
        await here.stop()
        Made(certificate=FIRST.certificate, key=SECOND.key).put(tmp_path)
        assert "smtp.tls_key: does not belong to the certificate" in await here.smtpfax("serve", code=78)


async def logged(here: Daemon, words: str) -> None:
    """The daemon said so."""

    async def said() -> bool:
        return words in here.log.read_text()

    await until(said)
