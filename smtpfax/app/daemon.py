"""The daemon's life: signals, the service manager, the loop.

In:    Settings and where they were read from.
Out:   an exit code: 0 after SIGTERM, 78 when the settings cannot be, 1 when it broke.
Fails: never; what ends it is logged.
"""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Mapping
from pathlib import Path

from smtpfax import logs
from smtpfax.config import ConfigFault, Settings, load
from smtpfax.intake.ears import Loop
from smtpfax.model.errors import ConfigError, Temporary

from .house import House
from .lock import exclusive
from .memory import keep_small
from .systemd import Manager

FAILED, BAD_CONFIG = 1, 78
log = logs.get("daemon")


def run(settings: Settings, *, config_path: Path | None, environ: Mapping[str, str]) -> int:
    """`smtpfax serve`."""
    keep_small()
    logs.setup(settings.log.level, settings.log.format, settings.log.mask_numbers, together=True)
    try:
        with exclusive(settings.store.url.path), asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(_live(settings, config_path, environ))
    except ConfigError as fault:
        log.error("refused to start", reason=fault)
        return BAD_CONFIG
    except Temporary as fault:
        log.error("cannot start", reason=fault.reason)
        return FAILED
    return 0


async def _live(settings: Settings, config_path: Path | None, environ: Mapping[str, str]) -> None:
    manager = Manager(environ)
    house = await House.build(settings)
    await house.open(environ)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stopping, stop, manager)
    loop.add_signal_handler(signal.SIGHUP, _reload, house, config_path, environ)
    manager.say("READY=1", f"STATUS=listening on {', '.join(settings.smtp.listen)}")
    alive = asyncio.create_task(_alive(manager), name="watchdog")
    _leave_alone_what_stays()
    try:
        await house.work(stop)
    finally:
        alive.cancel()


def _leave_alone_what_stays() -> None:
    """The collector of cycles need not look at what was made at start each time that mails made a little more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _stopping(stop: asyncio.Event, manager: Manager) -> None:
    manager.say("STOPPING=1")
    log.info("stopping")
    stop.set()


def _reload(house: House, config_path: Path | None, environ: Mapping[str, str]) -> None:
    """SIGHUP: the new settings, or the old ones with a clear error."""
    try:
        settings = load(config_path or Path("/etc/smtpfax/config.toml"), environ=environ)
    except ConfigFault as fault:
        log.error("not reloaded, the old settings stay", reason=fault)
        return
    logs.setup(settings.log.level, settings.log.format, settings.log.mask_numbers, together=True)
    waiting = house.reload(settings)
    log.info("reloaded", needs_restart=", ".join(waiting) or "nothing")


async def _alive(manager: Manager) -> None:
    """While the loop turns, the watchdog is fed (sd_notify(3): at half its time)."""
    while manager.watchdog_seconds:
        manager.say("WATCHDOG=1")
        await asyncio.sleep(manager.watchdog_seconds / 2)
