"""The worker's side: one process, one task at a time, until the line is closed.

In:    frames over the socket that the process was born with; the first one tells its limits and what to import.
Out:   an answer for each.
Fails: never by an exception; a fault travels as a frame, and a crash is seen by the other side.

Rule: a task is a function below `smtpfax.`, taking and giving (dict, list of bytes); nothing else can be asked for.
"""

from __future__ import annotations

import gc
import importlib
import os
import shutil
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Temporary
from smtpfax.model.status import CONVERTER_DIED, EVERY_PART

from . import lastword
from .confine import become_nobody, die_with, forget_code, give_back_memory, leave_network, limit, limit_cpu
from .values import Json
from .wire import LENGTH, BadFrame, fault_head, frame, head_length, read_head

Task = Callable[[dict[str, Json], list[bytes]], tuple[dict[str, Json], list[bytes]]]
_LARGE = 4 << 20  # octets of a task, which then needs several times as many for a while
_CODE = 18 << 20  # octets of files in memory: scans need 15 MB of them, and HTML has left 22
_FROM_US = 1 << 40  # what our own side sends is not bounded a second time


def main(fd: int) -> None:
    """Live."""
    os.umask(0o077)
    with socket.socket(fileno=fd) as line:
        lastword.speak_on(line)
        hello, _ = _receive(line) or sys.exit(0)
        _send(line, _prepare(hello))
        while (asked := _receive(line)) is not None:
            limit_cpu(hello["cpu"])
            large = sum(map(len, asked[1])) > _LARGE
            if large:
                give_back_memory()
                forget_code(above=_CODE)
            answer = _perform(*asked)
            _empty(Path(tempfile.gettempdir()))
            _send(line, answer)
            del asked, answer
            if large:
                give_back_memory()


def _prepare(hello: dict[str, Json]) -> list[bytes]:
    """Lock ourselves in, then import: what is imported is ours, and is trusted no more than needed."""
    held = ["bubblewrap"] if hello["jailed"] else _second_line(hello)
    limit(hello["memory"], hello["files"])
    tempfile.tempdir = os.environ["TMPDIR"]
    try:
        for name in hello["preload"]:
            _load(name)
    except ImportError as error:
        return list(frame(fault_head(_died(f"cannot import {error.name}: {error}"))))
    gc.freeze()  # what every task shares is not looked through again
    give_back_memory()
    forget_code()
    return list(frame({"data": {"held": held}}))


def _load(name: str) -> None:
    """Import a module; what stands behind a colon is called then."""
    module, _, function = name.partition(":")
    loaded = importlib.import_module(module)
    if function:
        getattr(loaded, function)()


def _second_line(hello: dict[str, Json]) -> list[str]:
    held = ["no network"] if leave_network() else []
    if become_nobody(Path(os.environ["TMPDIR"]), [Path(path) for path in hello["needs"]]):
        held.append("nobody")
    die_with(hello["parent"])  # last: the kernel forgets it when the user changes (prctl(2))
    return held


def _perform(head: dict[str, Json], blobs: list[bytes]) -> list[bytes]:
    try:
        data, out = _task(head["task"])(head["request"], blobs)
        return list(frame({"data": data}, out))
    except Fault as fault:
        return list(frame(fault_head(fault)))
    except MemoryError:
        return list(frame(fault_head(_died("out of memory")) | {"last": True}))
    except Exception:  # noqa: BLE001  the edge: whatever a converter or its library throws costs this task alone
        return list(frame(fault_head(_died(traceback.format_exc()[-1500:]))))


def _task(name: str) -> Task:
    module, _, function = name.partition(":")
    if not module.startswith("smtpfax."):
        raise ValueError(f"not a task: {name}")
    task: Task = getattr(importlib.import_module(module), function)
    return task


def _died(reason: str) -> Temporary:
    return Temporary(CONVERTER_DIED, cause=Cause.CONVERTER, reason=reason, part=EVERY_PART)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def _receive(line: socket.socket) -> tuple[dict[str, Json], list[bytes]] | None:
    """The next frame; None when the other side has gone."""
    start = _exactly(line, LENGTH.size)
    if len(start) < LENGTH.size:
        return None
    head, lengths = read_head(_exactly(line, head_length(start)), limit=_FROM_US)
    blobs = [_exactly(line, length) for length in lengths]
    if [len(blob) for blob in blobs] != lengths:
        raise BadFrame("cut off")
    return head, blobs


def _exactly(line: socket.socket, length: int) -> bytes:
    """So many octets, or fewer at the end; the kernel gathers them, for a large mail would be here twice otherwise."""
    data = line.recv(length, socket.MSG_WAITALL) if length else b""
    while len(data) < length and (more := line.recv(length - len(data), socket.MSG_WAITALL)):  # after a signal
        data += more
    return data


def _send(line: socket.socket, pieces: list[bytes]) -> None:
    for piece in pieces:
        line.sendall(piece)
