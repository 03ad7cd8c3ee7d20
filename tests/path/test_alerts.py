"""Alerts from the real daemon: told once, over restarts, by the real relay."""

from __future__ import annotations

from pathlib import Path

from tests.path.daemon import Wish, daemon, until

WATCHED = """
[alerts]
send_to = ["ops@acme.example"]
every_seconds = 1
free_bytes = 1152921504606846976
"""


async def test_a_full_disk_is_told_once_however_often_the_daemon_starts(tmp_path: Path) -> None:
    async with daemon(tmp_path, Wish(more=WATCHED)) as here:
        (alert,) = await here.told(1)
        assert alert["Subject"] == "little space is left (mx.acme.example)"
        assert alert["To"] == "ops@acme.example"

        async def looked_again() -> bool:
            text = await here.fetch("/metrics")
            return b'smtpfax_backend_up{backend="line"} 1.0' in text

        for _ in range(2):
            await here.kill()
            await here.start()
            await until(looked_again)
        assert [notice["Subject"] for notice in here.notices] == [alert["Subject"]]
