"""A FaxOut service in this process: a form in, an integer out.

In:    the form of the Send Fax Web API; tricks to play on the next ones.
Out:   0 to 5; every request that it saw, and the forms that it took.
Fails: OSError, when no port can be had.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from types import TracebackType
from typing import Self

from aiohttp import web

from .trick import Seen, Trick, play

USERNAME, PASSWORD = "12025550100*101", "the-password"
_ONE = ("Username", "Password", "Coverpage", "Coverpagetext", "Resolution", "Sendtime")


@dataclass(slots=True)
class Form:
    """What was asked for: fields in their order, and the file's name and octets."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)

    def get(self, name: str) -> str:
        """The first field of that name."""
        return next((value for key, value in self.fields if key == name), "")


class FakeFaxOut:
    """One account."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[Seen] = []
        self.taken: list[Form] = []
        self.tricks: list[Trick] = []

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/faxapi.asp", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/faxapi.asp"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        seen = Seen(method=request.method, path=request.path_qs, headers=dict(request.headers), body=body)
        self.seen.append(seen)
        if request.method != "POST":
            return web.Response(status=405)
        form = _form(seen)
        if self.tricks:
            trick = self.tricks.pop(0)
            if trick.takes:
                self.taken.append(form)
            return await play(trick, request)
        word = _judged(form)
        if word == "0":
            self.taken.append(form)
        return web.Response(text=word)


def _judged(form: Form) -> str:
    if (form.get("Username"), form.get("Password")) != (USERNAME, PASSWORD):
        return "1"
    if not form.get("Recipient"):
        return "3"
    if not form.files:
        return "4"
    once = all(sum(key == name for key, _ in form.fields) <= 1 for name in _ONE)
    return "0" if once and all(value.isascii() for _, value in form.fields) else "5"


def _form(seen: Seen) -> Form:
    head = b"Content-Type: " + seen.headers.get("Content-Type", "").encode() + b"\r\n\r\n"
    whole, form = message_from_bytes(head + seen.body, policy=HTTP), Form()
    for part in whole.iter_parts():
        name, file_name = part.get_param("name", header="content-disposition"), part.get_filename()
        content = part.get_payload(decode=True)
        octets = content if isinstance(content, bytes) else b""
        if file_name is not None:
            form.files.append((file_name, octets))
        elif isinstance(name, str):
            form.fields.append((name, octets.decode("latin-1")))
    return form
