"""Numbers that rest, and one that may be called again, for administrators alone."""

from __future__ import annotations

from aiohttp import ClientSession
from aiohttp.test_utils import TestClient

from smtpfax.model.cause import Cause
from smtpfax.model.event import Failed
from smtpfax.model.status import UNALLOCATED
from tests.api.conftest import World

NUMBER = "+12025550123"


async def rests(world: World, tries: int = 3) -> None:
    """So many tries ended so."""
    for _ in range(tries):
        job = await world.taken()
        await world.then(job, Failed(status=UNALLOCATED.status, cause=Cause.UNALLOCATED, text=""))


async def test_they_are_listed_and_cleared_by_the_administrators_token(http: TestClient, world: World) -> None:
    await rests(world)
    token = {"X-Auth-Token": await world.token()}
    [row] = (await (await http.get("/v2/resting", headers=token)).json())["data"]
    assert (row["number"], row["tries"], row["rests"]) == (NUMBER, 3, True)
    assert (await http.delete(f"/v2/resting/{NUMBER}", headers=token)).status == 200
    assert world.store.resting.now() == {}
    assert (await http.delete(f"/v2/resting/{NUMBER}", headers=token)).status == 404


async def test_an_accounts_token_sees_and_clears_nothing(http: TestClient, world: World) -> None:
    await rests(world)
    for token in (await world.token("acme"), "", await world.token("", "read")):
        answer = await http.delete(f"/v2/resting/{NUMBER}", headers={"X-Auth-Token": token})
        assert answer.status in (401, 403)
    assert (await http.get("/v2/resting", headers={"X-Auth-Token": await world.token("acme")})).status == 403
    assert NUMBER in world.store.resting.now()


async def test_from_the_shell_it_is_the_same(admin: ClientSession, world: World) -> None:
    await rests(world, 2)
    [row] = (await (await admin.get("http://x/admin/resting")).json())["data"]
    assert (row["tries"], row["rests"]) == (2, False)
    assert (await admin.delete(f"http://x/admin/resting/{NUMBER}")).status == 200
