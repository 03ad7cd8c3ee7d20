"""Faxboxes over HTTP: Kazoo's names and ours, and who may set what."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient

from smtpfax.model.account import Proof
from smtpfax.model.address import mailbox
from smtpfax.store import Changes, Kind, Record

from .conftest import World

BOXES = "/v2/accounts/acme/faxboxes"
SALES = f"{BOXES}/sales"


class Asking:
    """A client with a token."""

    def __init__(self, http: TestClient, token: str) -> None:
        self._http, self._headers = http, {"X-Auth-Token": token}

    async def __call__(self, method: str, path: str, data: object = None, *, code: int = 200) -> Any:
        body = {"json": {"data": data}} if data is not None else {}
        answer = await self._http.request(method, path, headers=self._headers, **body)
        told = await answer.json()
        assert answer.status == code, told
        return told["data"]


@pytest.fixture
async def admin_token(http: TestClient, world: World) -> Asking:
    return Asking(http, await world.token())


@pytest.fixture
async def account_token(http: TestClient, world: World) -> Asking:
    return Asking(http, await world.token("acme"))


async def kept(world: World, faxbox_id: str = "sales") -> Record:
    record = await world.store.accounts.faxbox("acme", faxbox_id)
    assert record is not None
    return record


async def test_a_faxbox_is_told_in_kazoos_names_and_in_ours(admin_token: Asking) -> None:
    told = await admin_token("GET", SALES)
    assert (told["id"], told["name"], told["account_id"]) == ("sales", "Sales", "acme")
    assert told["caller_id"] == told["fax_identity"] == told["number"] == "+12025550100"
    assert told["custom_smtp_email_address"] == told["smtp_email_address"] == "fax.acme.example"
    assert (told["retries"], told["tries"], told["attempts"]) == (3, 3, 0)
    assert (told["backend"], told["retention_days"], told["paper"]) == (["line"], 90, "letter")
    assert told["notifications"]["outbound"]["email"] == {"send_to": []}


async def test_a_client_of_kazoos_makes_a_faxbox(admin_token: Asking, world: World) -> None:
    """Fields and forms as Kazoo's pages send them: numbers without +, a list or a text of addresses."""
    asked = {
        "name": "Orders",
        "caller_name": "Acme Orders",
        "caller_id": "2025550177",
        "fax_identity": "(202) 555-0177",
        "fax_header": "Acme",
        "fax_timezone": "America/New_York",
        "retries": 2,
        "smtp_permission_list": [r".*@acme\.example"],
        "custom_smtp_email_address": "Orders.Acme.Example",
        "notifications": {
            "outbound": {"email": {"send_to": "ann@acme.example"}, "sms": {"send_to": "2025550100"}},
            "inbound": {"callback": {"url": "https://hooks.acme.example/fax", "method": "post", "type": "json"}},
        },
        "media": {"fax_option": True},
        "flags": ["gold"],
        "ui_metadata": {"ui": "monster-ui", "version": "5.1"},
    }
    told = await admin_token("PUT", BOXES, asked, code=201)
    assert told == await admin_token("GET", f"{BOXES}/{told['id']}")
    assert told["caller_id"] == told["fax_identity"] == "+12025550177"
    assert (told["retries"], told["fax_timezone"], told["flags"]) == (2, "America/New_York", ["gold"])
    assert told["custom_smtp_email_address"] == "orders.acme.example"
    assert told["notifications"]["outbound"]["email"]["send_to"] == ["ann@acme.example"]
    assert told["notifications"]["outbound"]["sms"]["send_to"] == ["2025550100"]
    assert told["notifications"]["inbound"]["callback"]["url"] == "https://hooks.acme.example/fax"
    box = world.directory.of_number("+12025550177")
    assert box is not None
    assert box is world.directory.of_domain("orders.acme.example")
    assert (box.id, box.tries, box.header, box.notify) == (told["id"], 2, "Acme", ("ann@acme.example",))


async def test_an_entry_of_the_permission_list_is_anchored_and_asks_for_the_accounts_proofs(
    admin_token: Asking, world: World
) -> None:
    await admin_token("PATCH", SALES, {"smtp_permission_list": ["ann@acme.example", ".*@acme.example"]})
    box = world.directory.faxbox("acme", "sales")
    assert box is not None
    exact, any_of_acme = box.permissions
    assert exact.proofs == any_of_acme.proofs == frozenset({Proof.AUTH, Proof.DMARC})
    for address in ("xann@acme.example", "ann@acme.example.evil.example", "ann@acmexexample"):
        assert not exact.matches(mailbox(address))
    assert not any_of_acme.matches(mailbox("bob@acme.example.evil.example"))
    assert not any_of_acme.matches(mailbox("bob@acmexexample.com"))
    assert any_of_acme.matches(mailbox("bob@acme.example"))


async def test_an_entry_that_cannot_be_matched_in_linear_time_is_400(admin_token: Asking) -> None:
    for entry in ("(", "(a+)\\1", "(?=a)b", "x" * 501, 7, None):
        data = await admin_token("PATCH", SALES, {"smtp_permission_list": [entry]}, code=400)
        ((path, rules),) = data.items()
        assert path == "smtp_permission_list.0"
        assert all(fault["message"] for fault in rules.values())


async def test_what_is_read_can_be_written_back_and_changes_nothing(
    admin_token: Asking, account_token: Asking, world: World
) -> None:
    await admin_token("PATCH", SALES, {"timezone": "America/New_York", "retention_days": 0, "caller_name": "Acme"})
    before, revision = await kept(world), await world.store.accounts.revision()
    told = await account_token("GET", SALES)
    assert await account_token("POST", SALES, told) == told
    assert await account_token("PATCH", SALES, told) == told
    assert await kept(world) == before
    assert await world.store.accounts.revision() == revision


async def test_writing_through_kazoos_names_keeps_our_own(admin_token: Asking, world: World) -> None:
    ours = {
        "permissions": [{"reverse_path": "*@acme.example", "proof": ["network"]}],
        "paper": "a4",
        "caps": {"faxes_per_day": 5},
        "fax_domains": ["fax.acme.example", "fax2.acme.example"],
    }
    await admin_token("PATCH", SALES, ours)
    told = await admin_token("POST", SALES, {"name": "Vendite", "custom_smtp_email_address": "f.acme.example"})
    assert (told["name"], told["paper"], told["number"]) == ("Vendite", "a4", "+12025550100")
    assert told["permissions"] == ours["permissions"]
    assert told["caps"]["faxes_per_day"] == 5
    assert told["fax_domains"] == ["f.acme.example", "fax2.acme.example"]
    assert told["backend"] == ["line"]


async def test_post_resets_what_kazoos_names_leave_out_and_patch_does_not(admin_token: Asking) -> None:
    said = {"retries": 2, "smtp_permission_list": ["a@b.example"], "flags": ["x"], "fax_timezone": "Europe/Rome"}
    await admin_token("PATCH", SALES, said)
    assert (await admin_token("PATCH", SALES, {"name": "S"}))["retries"] == 2
    told = await admin_token("POST", SALES, {"name": "S", "tries": 4})
    assert (told["retries"], told["smtp_permission_list"], told["flags"]) == (4, [], [])
    assert told["timezone"] == "UTC"


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"caller_id": "+12025550101", "number": "+12025550102"}, "caller_id"),
        ({"caller_id": "+12025550101", "fax_identity": "+12025550102"}, "fax_identity"),
        ({"retries": 2, "tries": 4}, "retries"),
    ],
)
async def test_two_names_of_a_key_that_disagree_are_400(admin_token: Asking, said: dict[str, object], key: str) -> None:
    assert list(await admin_token("PATCH", SALES, said, code=400)) == [key]


async def test_the_name_that_was_changed_counts_before_the_one_that_was_not(admin_token: Asking) -> None:
    told = await admin_token("GET", SALES)
    told = await admin_token("POST", SALES, {**told, "retries": 2})
    assert told["tries"] == 2
    assert (await admin_token("POST", SALES, {**told, "tries": 4}))["retries"] == 4


async def test_a_number_keeps_its_country(admin_token: Asking) -> None:
    """Kazoo drops the plus first, and takes this one for a number in Canada."""
    told = await admin_token("PATCH", SALES, {"caller_id": "+47 21 23 45 67"})
    assert told["number"] == "+4721234567"


async def test_changes_at_the_same_time_are_all_kept(admin_token: Asking) -> None:
    said: list[dict[str, object]] = [{"retries": 5}, {"paper": "a4"}, {"flags": ["x"]}, {"cover_note": "Private"}]
    await asyncio.gather(*(admin_token("PATCH", SALES, each) for each in said))
    told = await admin_token("GET", SALES)
    assert all(told[key] == value for each in said for key, value in each.items())


async def test_the_domain_of_an_account_is_nobody_elses(admin_token: Asking, world: World) -> None:
    """Kazoo compares with other faxboxes alone."""
    account = Record(
        kind=Kind.ACCOUNT, account_id="other", id="other", data={"name": "O", "fax_domains": ["fax.other.example"]}
    )
    await world.store.accounts.write(Changes(put=[account]))
    why = await admin_token("PATCH", SALES, {"custom_smtp_email_address": "fax.other.example"}, code=409)
    assert "fax.other.example" in why["message"]


async def test_kazoos_no_retry_at_all_is_one_call(admin_token: Asking) -> None:
    assert (await admin_token("PATCH", SALES, {"retries": 0}))["retries"] == 1


_THEIRS: tuple[dict[str, object], ...] = (
    {"caller_id": "2025550101"},
    {"number": "+12025550102"},
    {"fax_identity": ""},
    {"fax_header": "Somebody Else"},
    {"header": "Nobody"},
    {"caller_name": "Somebody Else"},
    {"fax_domains": []},
    {"custom_smtp_email_address": "f.acme.example"},
    {"backend": []},
)


async def test_number_domains_fax_service_and_identity_are_the_administrators(
    account_token: Asking, admin_token: Asking, world: World
) -> None:
    for said in _THEIRS:
        before = await kept(world)
        why = await account_token("PATCH", SALES, said, code=403)
        assert "administrator" in why["message"]
        assert await kept(world) == before
        await admin_token("PATCH", SALES, said)
        assert await kept(world) != before, said


async def test_an_account_changes_the_rest_of_its_faxboxes(account_token: Asking) -> None:
    told = await account_token("PATCH", SALES, {"name": "S", "retention_days": 0, "number": "+12025550100"})
    assert (told["name"], told["retention_days"]) == ("S", 0)


async def test_an_account_makes_and_removes_faxboxes_without_an_identity(account_token: Asking, world: World) -> None:
    await account_token("PUT", BOXES, {"name": "Mine", "id": "mine"}, code=201)
    assert (await kept(world, "mine")).made_by == "http"
    await account_token("PUT", BOXES, {"name": "Yours", "caller_id": "2025550188"}, code=403)
    await account_token("DELETE", f"{BOXES}/mine")
    await account_token("DELETE", SALES, code=403)
    assert await world.store.accounts.faxbox("acme", "mine") is None


async def test_a_token_that_only_reads_changes_nothing(http: TestClient, world: World) -> None:
    reader = Asking(http, await world.token("acme", "read"))
    await reader("PUT", BOXES, {"name": "Mine"}, code=403)
    for method in ("POST", "PATCH", "DELETE"):
        await reader(method, SALES, {"name": "Mine"}, code=403)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"number": "+12025550100"}, "+12025550100"),
        ({"caller_id": "2025550100"}, "+12025550100"),
        ({"fax_domains": ["fax.acme.example"]}, "fax.acme.example"),
        ({"custom_smtp_email_address": "FAX.acme.example"}, "fax.acme.example"),
        ({"id": "sales"}, "id"),
    ],
)
async def test_what_another_faxbox_has_is_409(admin_token: Asking, said: dict[str, object], word: str) -> None:
    why = await admin_token("PUT", BOXES, {"name": "Twin", **said}, code=409)
    assert word in why["message"]
    assert [box["id"] for box in await admin_token("GET", BOXES)] == ["back", "sales"]


_MISTAKES: tuple[tuple[dict[str, object], str], ...] = (
    ({"name": ""}, "name"),
    ({"name": "x" * 129}, "name"),
    ({"name": 7}, "name"),
    ({"caller_id": "call me"}, "caller_id"),
    ({"caller_id": "FAX=+12025550101/T33S=9"}, "caller_id"),
    ({"number": "2025550101"}, "number"),
    ({"fax_timezone": "Mars/Olympus"}, "fax_timezone"),
    ({"retries": 13}, "retries"),
    ({"retries": "many"}, "retries"),
    ({"custom_smtp_email_address": "a@b.example"}, "custom_smtp_email_address"),
    ({"owner_id": "nobody"}, "owner_id"),
    ({"backend": ["carrier pigeon"]}, "backend"),
    ({"colour": "blue"}, "colour"),
    ({"notifications": {"inbound": {"callback": {"url": "ftp://x"}}}}, "notifications.inbound.callback.url"),
    ({"permissions": [{"reverse_path": "*@*"}]}, "permissions.0.reverse_path"),
    ({"body": "cover"}, ""),
    ({"id": "other"}, "id"),
)


async def test_a_mistake_is_400_and_names_its_field(admin_token: Asking, world: World) -> None:
    before = await kept(world)
    for said, path in _MISTAKES:
        data = await admin_token("PATCH", SALES, said, code=400)
        assert [key for key in data if key.startswith(path)], said
    assert await kept(world) == before


async def test_a_body_that_is_none_is_400(http: TestClient, world: World) -> None:
    headers = {"X-Auth-Token": await world.token(), "Content-Type": "application/json"}
    for body in ("{", "[]", '{"data":[]}', '{"data":"x"}', "\xff", "[" * 50_000):
        for method, path in (("PUT", BOXES), ("POST", SALES), ("PATCH", SALES)):
            answer = await http.request(method, path, data=body.encode("latin-1"), headers=headers)
            assert (answer.status, (await answer.json())["message"]) == (400, "validation error")


async def test_post_and_put_ask_for_a_name_and_patch_does_not(admin_token: Asking) -> None:
    """Kazoo's PATCH asks for one as well: there its schema checks the part as if it were the whole."""
    assert list(await admin_token("PUT", BOXES, {}, code=400)) == ["name"]
    assert list(await admin_token("POST", SALES, {"retries": 1}, code=400)) == ["name"]
    await admin_token("PATCH", SALES, {"retries": 1})


async def test_a_removed_faxbox_is_gone_and_its_faxes_are_not(admin_token: Asking, world: World) -> None:
    job, fax = await world.taken(), await world.received()
    told = await admin_token("DELETE", SALES)
    assert (told["id"], told["_read_only"]) == ("sales", {"deleted": True})
    await admin_token("GET", SALES, code=404)
    await admin_token("DELETE", SALES, code=404)
    await admin_token("PATCH", SALES, {"name": "S"}, code=404)
    assert world.directory.of_number("+12025550100") is None
    assert (await admin_token("GET", f"/v2/accounts/acme/faxes/outgoing/{job.id}"))["faxbox_id"] == "sales"
    assert (await admin_token("GET", f"/v2/accounts/acme/faxes/inbox/{fax.id}"))["faxbox_id"] == "sales"


async def test_apply_removes_no_faxbox_that_http_made(admin_token: Asking, admin: ClientSession, world: World) -> None:
    await admin_token("PUT", BOXES, {"name": "Mine", "id": "mine"}, code=201)
    await admin_token("PATCH", f"{BOXES}/back", {"name": "Back office"})
    file = {"accounts": [{"id": "acme", "faxboxes": [{"id": "sales"}]}]}
    async with admin.post("/admin/apply", json={"data": {"records": file, "prune": True}}) as answer:
        words = (await answer.json())["data"]["changes"]
    assert "faxbox acme/back: removed" in words, "apply made it, and whoever changed it did not"
    assert {box["id"] for box in await admin_token("GET", BOXES)} == {"mine", "sales"}


async def test_a_walk_shows_every_faxbox_once_while_others_come_and_go(
    admin_token: Asking, http: TestClient, world: World
) -> None:
    for number in range(6):
        await admin_token("PUT", BOXES, {"name": "B", "id": f"box{number}"}, code=201)
    seen, query = [], {"page_size": "2"}
    for step in range(9):
        answer = await http.get(BOXES, params=query, headers={"X-Auth-Token": await world.token()})
        body = await answer.json()
        seen += [row["id"] for row in body["data"]]
        if step == 1:
            await admin_token("PUT", BOXES, {"name": "A", "id": "a"}, code=201)
            await admin_token("DELETE", f"{BOXES}/box0")
        if "next_start_key" not in body:
            break
        query["start_key"] = body["next_start_key"]
    assert seen == ["back", *(f"box{number}" for number in range(6)), "sales"]


async def test_a_filter_that_faxboxes_have_not_is_400(http: TestClient, world: World) -> None:
    answer = await http.get(BOXES, params={"filter_colour": "x"}, headers={"X-Auth-Token": await world.token()})
    assert list((await answer.json())["data"]) == ["filter_colour"]


async def test_an_account_has_a_bound_of_faxboxes(
    account_token: Asking, admin_token: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtpfax.api.faxbox_changes.MOST_FAXBOXES", 2)
    await account_token("PUT", BOXES, {"name": "Third"}, code=409)
    await admin_token("PUT", BOXES, {"name": "Third"}, code=201)
