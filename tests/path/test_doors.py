"""The daemon's life: drain, reload, the command line and its exit codes, two daemons on one store."""

from __future__ import annotations

import asyncio
import json
import signal
import smtplib
import sys
from pathlib import Path

from tests.path.daemon import DOMAIN, NUMBER, SENDER, daemon, pdf, run, until


async def test_sigterm_drains_and_ends_with_0(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.smtp)
        await reader.readline()
        assert await here.stop() == 0
        assert (await reader.readline()).startswith(b"421 4.3.2")
        writer.close()
        await here.smtpfax("queue", "list", code=69)


async def test_sighup_takes_over_new_settings_and_keeps_the_old_ones_when_they_are_wrong(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        assert here.process is not None
        good = here.config.read_text()

        def size() -> str:
            with smtplib.SMTP("127.0.0.1", here.smtp) as client:
                client.ehlo("x")
                return str(client.esmtp_features["size"])

        async def said(words: bytes) -> None:
            async def found() -> bool:
                return words in here.log.read_bytes()

            await until(found)

        here.config.write_text(good.replace("drain_seconds = 10", "drain_seconds = 10\nmax_message_bytes = 123456"))
        here.process.send_signal(signal.SIGHUP)
        await said(b"reloaded")
        assert await asyncio.to_thread(size) == "123456"
        here.config.write_text(good.replace("drain_seconds = 10", "drain_seconds = ten"))
        here.process.send_signal(signal.SIGHUP)
        await said(b"not reloaded, the old settings stay")
        assert await asyncio.to_thread(size) == "123456"


async def test_a_second_daemon_on_the_same_store_refuses_to_start(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        assert "another smtpfax works on" in await here.smtpfax("serve", code=78)


async def test_send_waits_for_its_fax_and_the_queue_can_be_steered(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        file = str(pdf(tmp_path))
        told = await here.smtpfax("send", NUMBER, file, "--faxbox", "sales", "--cover", "Hello there", "--wait")
        assert told.splitlines()[-1].split(": ")[1].startswith("sent")
        [fax] = (await here.get("/v2/accounts/acme/faxes/inbox"))["data"]
        assert fax["pages"] == 3
        later = await here.smtpfax("send", NUMBER, file, "--faxbox", "acme/sales", "--at", "2099-01-01T00:00:00")
        job_id = later.split(":")[0]
        assert "held" in await here.smtpfax("queue", "hold", job_id)
        await here.smtpfax("queue", "release", job_id)
        assert "cancelled" in await here.smtpfax("queue", "cancel", job_id)
        await here.smtpfax("queue", "cancel", job_id, code=1)


async def test_apply_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        told = await here.smtpfax("apply", str(tmp_path / "accounts.toml"))
        assert "created" not in told
        assert "->" not in told


async def test_a_backup_of_a_running_daemon_is_a_working_state(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        await here.smtpfax("send", NUMBER, str(pdf(tmp_path)), "--faxbox", "sales", "--wait")
        await here.smtpfax("db", "backup", str(tmp_path / "backup"))
        await here.stop()
        moved = here.config.read_text()
        moved = moved.replace(f"{tmp_path}/state", f"{tmp_path}/backup").replace(
            f'"{tmp_path}/spool"', f'"{tmp_path}/backup/spool"'
        )
        here.config.write_text(moved)
        await here.start()
        [fax] = (await here.get("/v2/accounts/acme/faxes/inbox"))["data"]
        attachment = await here.fetch(f"/v2/accounts/acme/faxes/inbox/{fax['id']}/attachment", Accept="image/tiff")
        assert attachment.startswith(b"II*\0")


async def test_commands_that_need_no_daemon(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        await here.stop()
        assert (await here.smtpfax("check")).strip() == "ok"
        assert "at revision" in await here.smtpfax("db", "upgrade")
        told = await here.smtpfax("render", str(pdf(tmp_path)), "-o", str(tmp_path / "out.tif"))
        assert "2 pages" in told
        assert (tmp_path / "out.tif").read_bytes().startswith(b"II*\0")
        here.config.write_text(here.config.read_text() + '\n[render]\ncoding = "group3_2d"\n')
        await here.smtpfax("render", str(pdf(tmp_path)), "-o", str(tmp_path / "out.tif"))
        assert (await run("tiffinfo", str(tmp_path / "out.tif"))).count("2-d encoding+EOL padding") == 2
        shown = json.loads(await here.smtpfax("config", "show", "--json"))
        assert {"hostname", "smtp.listen"} <= {row["key"] for row in shown}
        here.config.write_text("hostnam = 'x'\n")
        assert "hostnam" in await here.smtpfax("check", code=78)


async def test_a_number_is_explained_without_a_configuration() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "smtpfax", "number", "(202) 555-0123"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert [line.split() for line in out.decode().splitlines()][1:5] == [
        ["number", "+12025550123"],
        ["region", "US"],
        ["type", "ordinary"],
        ["dialled", "yes"],
    ]


async def test_health_readiness_and_metrics_answer(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        assert (await here.get("/healthz"))["status"] == "ok"
        assert (await here.get("/readyz"))["ready"] is True
        metrics = (await here.fetch("/metrics")).decode()
        assert 'smtpfax_jobs{state="queued"} 0.0' in metrics
        assert SENDER not in metrics
        assert DOMAIN not in metrics
