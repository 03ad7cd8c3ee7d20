"""Who stands at the admin socket."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from smtpfax.api.app import ADMIN, make_admin
from smtpfax.api.routes import Route
from smtpfax.api.serve import HttpServer

from .conftest import World

NOBODY = 65534


async def test_root_and_the_daemons_own_user_are_administrators(admin: ClientSession) -> None:
    async with admin.get("/admin/status") as answer:
        assert answer.status == 200
        assert (await answer.json())["data"]["accounts"] == 2


@pytest.mark.parametrize("route", ADMIN, ids=lambda route: f"{route.method} {route.path}")
async def test_no_admin_route_answers_over_the_network(world: World, route: Route) -> None:
    async with TestClient(TestServer(make_admin(world.deps))) as http:
        path = route.path.replace("{id}", "x").replace("{name}", "line")
        answer = await http.request(route.method, path, json={"data": {}})
        assert answer.status == 403


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can show itself as somebody else")
async def test_anybody_else_is_refused(world: World) -> None:
    name = f"\0smtpfax-test-{secrets.token_hex(8)}"  # in the abstract namespace no file mode is the first door
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(name)
    server = HttpServer()
    await server.open(make_admin(world.deps), [listening])
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.seteuid(NOBODY)  # the kernel notes the user at connect(2)
    try:
        client.connect(name)
    finally:
        os.seteuid(0)
    reader, writer = await asyncio.open_unix_connection(sock=client)
    writer.write(b"GET /admin/tokens HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    await server.close()
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"this door is for root" in answer
