"""Sockets that doors listen on.

In:    places as the settings name them: host and port, a Unix socket's path, or a descriptor that systemd hands us.
Out:   bound sockets.
Fails: ConfigError, naming the place.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from smtpfax.config.places import Inherited, Listen, Tcp, Unix
from smtpfax.model.errors import ConfigError

FIRST_DESCRIPTOR = 3  # sd_listen_fds(3)


def open_sockets(places: Sequence[Listen], environ: Mapping[str, str]) -> list[socket.socket]:
    """All of them, in order; a descriptor's name may stand for several."""
    found: list[socket.socket] = []
    for place in places:
        try:
            found += _open(place.where, environ)
        except OSError as fault:
            raise ConfigError(f"cannot listen on {place}: {fault.strerror or fault}") from fault
    return found


def _open(where: Tcp | Unix | Inherited, environ: Mapping[str, str]) -> list[socket.socket]:
    if isinstance(where, Inherited):
        return inherited(where.name, environ)
    if isinstance(where, Unix):
        return [unix_socket(where.path, mode=0o660)]
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((where.host, where.port))
    return [sock]


def unix_socket(path: Path, *, mode: int) -> socket.socket:
    """A Unix socket; what a daemon that is gone left at the path is removed, a daemon that lives keeps it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_socket():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(str(path)) == 0:
                raise ConfigError(f"another daemon listens on {path}")
        path.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(str(path))
    path.chmod(mode)
    return sock


def inherited(name: str, environ: Mapping[str, str]) -> list[socket.socket]:
    """Descriptors of that name (sd_listen_fds_with_names(3)), if they are meant for this process."""
    if environ.get("LISTEN_PID") != str(os.getpid()):
        raise ConfigError(f"fd:{name}: no descriptors were handed to this process (LISTEN_PID)")
    count = int(environ.get("LISTEN_FDS", "0"))
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    numbers = [FIRST_DESCRIPTOR + place for place in range(count) if names[place : place + 1] == [name]]
    if not numbers:
        raise ConfigError(f"fd:{name}: the descriptors handed to this process are named {', '.join(names)}")
    return [socket.socket(fileno=number) for number in numbers]
