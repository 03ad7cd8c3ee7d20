"""The drill: tasks that do what a hostile document might make a converter do.

In:    a request and blobs, like any task.
Out:   what came of it; several never come back.
Fails: on purpose.

`smtpfax check` and the tests run them in real workers (`prove`), to see that the sandbox holds on this machine.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.status import OUR_FAULT, PART_UNKNOWN

from .pool import Sandbox
from .values import Json

_HERE = "smtpfax.sandbox.drill"
Given = tuple[dict[str, Json], list[bytes]]


def echo(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """What was asked, with who answers."""
    return request | {"pid": os.getpid()}, blobs


def crash(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """SIGABRT, as PDFium does when its memory runs out."""
    os.kill(os.getpid(), signal.SIGABRT)
    return {}, []


def eat_memory(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """Ask for so many octets."""
    return {"got": len(bytearray(request["octets"]))}, []


def burn_cpu(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """Compute until `seconds` of CPU are used, or for ever."""
    end = time.process_time() + request.get("seconds", float("inf"))
    while time.process_time() < end:
        pass
    return {}, []


def sleep(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """Hang with a child that hangs as well; its number goes to the file `tell`, when one is named."""
    child = subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(600)"])
    if tell := request.get("tell"):
        Path(tell).write_text(str(child.pid))
    time.sleep(600)
    return {}, []


def connect(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """Open a connection to host and port."""
    try:
        with socket.create_connection((request["host"], request["port"]), timeout=2):
            return {"connected": True}, []
    except OSError as error:
        return {"connected": False, "why": str(error)}, []


def read(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """Read a file."""
    try:
        return {"read": True}, [Path(request["path"]).read_bytes()]
    except OSError as error:
        return {"read": False, "why": str(error)}, []


def write(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """Write so many octets to a file, and say what already stood in the folder for temporary files."""
    before = _names(tempfile.gettempdir())
    path = Path(request.get("path") or Path(tempfile.gettempdir()) / "drill")
    try:
        path.write_bytes(bytes(request["octets"]))
    except OSError as error:
        return {"written": False, "before": before, "why": str(error)}, []
    return {"written": True, "before": before}, []


def environment(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """Variables, umask, user, open files, the network's links but the loopback, and whether /usr can be written."""
    mask = os.umask(0o077)
    return {
        "variables": dict(os.environ),
        "umask": mask,
        "user": os.geteuid(),
        "open": _names("/proc/self/fd"),
        "network": [name for _, name in socket.if_nameindex() if name != "lo"],
        "writes": os.access("/usr", os.W_OK),
    }, []


def big_answer(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """An answer of so many octets."""
    return {}, [bytes(request["octets"])]


def refuse(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """A fault, with braces in its text and reason."""
    raise Permanent(PART_UNKNOWN, cause=Cause.DOCUMENT, reason="{reason}", part=request["part"], kind="{0}")


def fail(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """A bug of a converter's."""
    raise ZeroDivisionError("drill")


def lie(request: dict[str, Json], blobs: list[bytes]) -> Given:
    """Write octets to the line that are no frame, past all our code."""
    line = next(fd for fd in map(int, _names("/proc/self/fd")) if fd > 2 and _is_socket(fd))
    ctypes.CDLL(None).write(line, blobs[0], len(blobs[0]))
    time.sleep(600)
    return {}, []


def _names(folder: str) -> list[str]:
    return sorted(entry.name for entry in Path(folder).iterdir())


def _is_socket(fd: int) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{fd}").startswith("socket:")  # noqa: PTH115
    except OSError:
        return False


async def prove(sandbox: Sandbox) -> list[str]:
    """What holds on this machine, in words; Temporary OUR_FAULT when a worker can do what it must never do."""
    drilled = Sandbox(replace(sandbox.limits, workers=1, cpu_seconds=1, wall_seconds=10.0))
    await drilled.start()
    try:
        await _stopped(drilled, "crash", {})
        await _stopped(drilled, "eat_memory", {"octets": 2 * drilled.limits.memory_bytes})
        await _stopped(drilled, "burn_cpu", {})
        await _stopped(drilled, "sleep", {}, seconds=0.5)
        seen = (await drilled.run(f"{_HERE}:environment", {})).data
        return ["a crash costs one task", "memory, CPU and time are bounded", *_walls(seen)]
    finally:
        await drilled.stop()


async def _stopped(sandbox: Sandbox, task: str, request: dict[str, Json], *, seconds: float | None = None) -> None:
    """It must not come back; the next task must."""
    try:
        await sandbox.run(f"{_HERE}:{task}", request, wall_seconds=seconds)
    except Temporary:
        await sandbox.run(f"{_HERE}:echo", {})
    else:
        raise Temporary(OUR_FAULT, reason=f"the sandbox does not hold: {task}")


def _walls(seen: Mapping[str, Json]) -> list[str]:
    walls = {
        "there is no network": seen["network"] == [],
        "files outside cannot be written": not seen["writes"],
        "it does not run as root": seen["user"] != 0,
    }
    return [words for words, holds in walls.items() if holds]
