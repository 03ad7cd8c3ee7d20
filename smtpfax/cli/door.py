"""The command line's way to the running daemon: HTTP over its admin Unix socket.

In:    a method, a path, and JSON or a form with files.
Out:   the answer's JSON.
Fails: Stop: 69 when nobody is there, 77 when this user may not, 75 when it is the daemon's trouble, 1 for the rest.
"""

from __future__ import annotations

import http.client
import json
import secrets
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from .exits import FAILED, NOT_ALLOWED, TRY_LATER, UNREACHABLE, Stop

SECONDS = 120.0


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        try:
            self.sock.connect(str(self._path))
        except OSError:
            self.sock.close()
            raise


class AdminDoor:
    """The daemon, as an administrator on its own machine sees it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, path: str, query: Mapping[str, object] | None = None) -> Any:
        """Ask."""
        given = {key: str(value) for key, value in (query or {}).items() if value not in (None, "")}
        return self._call("GET", f"{path}?{urlencode(given)}" if given else path)

    def post(self, path: str, data: Mapping[str, object] | None = None) -> Any:
        """Ask for something to be done."""
        return self._call("POST", path, json.dumps({"data": data or {}}).encode(), "application/json")

    def delete(self, path: str) -> Any:
        """Ask for something to be removed."""
        return self._call("DELETE", path)

    def post_files(self, path: str, fields: Mapping[str, str], files: Sequence[Path]) -> Any:
        """A form with files (RFC 7578)."""
        boundary = secrets.token_hex(16)
        parts = [_part(boundary, f'name="{name}"', value.encode()) for name, value in fields.items() if value]
        for file in files:
            name = file.name.replace('"', "'")
            parts.append(_part(boundary, f'name="file"; filename="{name}"', file.read_bytes()))
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self._call("POST", path, body, f"multipart/form-data; boundary={boundary}")

    def _call(self, method: str, path: str, body: bytes | None = None, media_type: str = "") -> Any:
        connection = _UnixConnection(self._path)
        try:
            connection.request(method, path, body, {"Content-Type": media_type} if media_type else {})
            answer = connection.getresponse()
            text = answer.read()
        except PermissionError as fault:
            raise Stop(NOT_ALLOWED, f"not allowed to use {self._path}") from fault
        except OSError as fault:
            raise Stop(UNREACHABLE, f"no daemon at {self._path}: {fault.strerror or fault}") from fault
        finally:
            connection.close()
        return _read(answer.status, text)


def _part(boundary: str, disposition: str, value: bytes) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + value + b"\r\n"


def _read(status: int, text: bytes) -> Any:
    try:
        answer = json.loads(text)
    except ValueError:
        raise Stop(FAILED, f"the daemon answered {status} with no JSON") from None
    if status < 400:
        return answer
    code = {401: NOT_ALLOWED, 403: NOT_ALLOWED, 503: TRY_LATER}.get(status, FAILED)
    raise Stop(code, _in_words(answer))


def _in_words(answer: Mapping[str, Any]) -> str:
    data = answer.get("data")
    if isinstance(data, Mapping):
        lines = [f"{path}: {_message(rule)}" for path, rule in data.items()]
        if answer.get("message") == "validation error":
            return "\n".join(lines)
        if "cause" in data:
            return f"{answer.get('message')}: {data['cause']}"
        if "message" in data:
            return str(data["message"])
    return str(answer.get("message") or answer)


def _message(rule: object) -> str:
    if not isinstance(rule, Mapping):
        return str(rule)
    texts = [text.get("message", text) if isinstance(text, Mapping) else text for text in rule.values()]
    return "; ".join(map(str, texts))
