"""`smtpfax apply`: the plan, and what comes of it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.api.apply import after, plan
from smtpfax.api.envelope import Refusal
from smtpfax.api.shapes import read_file
from smtpfax.store import Kind, Record

from .conftest import World

FILE: dict[str, Any] = {
    "accounts": [
        {
            "id": "shop",
            "name": "Shop",
            "users": [{"email": "Ann@shop.example", "role": "administrator"}],
            "faxboxes": [
                {
                    "id": "sales",
                    "number": "+12025550101",
                    "backend": "line",
                    "fax_domains": ["fax.shop.example"],
                    "permissions": [{"reverse_path": "*@shop.example", "proof": ["network"]}],
                    "notifications": {"outbound": {"email": {"send_to": "ann@shop.example"}}},
                }
            ],
        }
    ]
}


def made(file: dict[str, Any], current: list[Record], *, prune: bool = False) -> tuple[list[Record], list[str]]:
    found = plan(current, read_file(file, backends=["line"]), prune=prune)
    return after(current, found.changes), list(found.words)


def with_faxbox(**changes: Any) -> dict[str, Any]:
    file = copy.deepcopy(FILE)
    file["accounts"][0]["faxboxes"][0] |= changes
    return file


def test_what_is_not_there_is_created() -> None:
    records, words = made(FILE, [])
    assert words == ["account shop: created", "user shop/ann@shop.example: created", "faxbox shop/sales: created"]
    assert {record.made_by for record in records} == {"apply"}
    assert records[2].data["name"] == "sales"


def test_twice_is_the_same_as_once() -> None:
    once, _ = made(FILE, [])
    twice, words = made(FILE, once)
    assert twice == once
    assert all(line.endswith(": unchanged") for line in words)
    assert plan(once, read_file(FILE, backends=["line"]), prune=True).changes.empty


def test_a_key_that_does_not_go_with_what_is_there_is_refused() -> None:
    records, _ = made(with_faxbox(body="cover", cover="with_body"), [])
    bare = {"accounts": [{"id": "shop", "faxboxes": [{"id": "sales", "cover": "never"}]}]}
    with pytest.raises(Refusal) as refusal:
        made(bare, records)
    assert list(refusal.value.data) == ["faxboxes.sales"]


def test_keys_that_the_file_does_not_name_are_left() -> None:
    records, _ = made(FILE, [])
    bare = {"accounts": [{"id": "shop", "faxboxes": [{"id": "sales", "tries": 5}]}]}
    changed, words = made(bare, records)
    assert words == ["account shop: unchanged", "faxbox shop/sales: tries set to 5"]
    assert changed[2].data == {**records[2].data, "tries": 5}


def test_a_change_is_told_with_before_and_after() -> None:
    records, _ = made(FILE, [])
    _, words = made(with_faxbox(number="+12025550199", fax_domains=[]), records)
    assert "faxbox shop/sales: number +12025550101 -> +12025550199" in words
    assert "faxbox shop/sales: fax_domains fax.shop.example -> nothing" in words


def test_a_table_is_merged_key_by_key() -> None:
    records, _ = made(FILE, [])
    kept = Record(
        kind=Kind.FAXBOX,
        account_id="shop",
        id="sales",
        data={**records[2].data, "notifications": {"inbound": {"email": {"send_to": ["bob@shop.example"]}}}},
        made_by="apply",
    )
    (*_, box), _ = made(FILE, [*records[:2], kept])
    assert set(box.data["notifications"]) == {"inbound", "outbound"}


def test_prune_removes_what_apply_made_and_nothing_else() -> None:
    records, _ = made(FILE, [])
    foreign = Record(kind=Kind.FAXBOX, account_id="shop", id="web", data={"name": "Web"}, made_by="http")
    left, words = made({"accounts": []}, [*records, foreign], prune=True)
    assert words == ["faxbox shop/sales: removed", "user shop/ann@shop.example: removed"]
    assert [record.id for record in left] == ["shop", "web"]
    assert made({"accounts": []}, records, prune=True)[0] == []
    assert made({"accounts": []}, records)[0] == records


def test_who_made_a_record_stays_when_the_file_changes_it() -> None:
    foreign = Record(kind=Kind.ACCOUNT, account_id="shop", id="shop", data={"name": "Web Shop"}, made_by="http")
    records, words = made(FILE, [foreign])
    assert words[0] == "account shop: name Web Shop -> Shop"
    assert records[0].made_by == "http"


def test_a_user_of_another_account_is_refused() -> None:
    records, _ = made(FILE, [])
    file = {"accounts": [{"id": "rival", "users": [{"email": "ann@shop.example"}]}]}
    with pytest.raises(Refusal) as refused:
        made(file, records)
    assert refused.value.data == {"users.ann@shop.example": {"unique": {"message": "is a user of account shop"}}}


boxes = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["a", "b", "c"])},
        optional={
            "tries": st.integers(1, 5),
            "number": st.sampled_from(["+12025550101", "+12025550102"]),
            "backend": st.sampled_from(["line", ["line"]]),
            "header": st.sampled_from(["", "Shop"]),
        },
    ),
    max_size=3,
    unique_by=lambda box: box["id"],
)
files = boxes.map(lambda found: {"accounts": [{"id": "shop", "faxboxes": found}]})


@given(files, files, st.booleans())
def test_after_any_file_the_same_file_changes_nothing(
    first: dict[str, Any], second: dict[str, Any], prune: bool
) -> None:
    records, _ = made(first, [], prune=prune)
    records, _ = made(second, records, prune=prune)
    again = plan(records, read_file(second, backends=["line"]), prune=prune)
    assert again.changes.empty
    assert after(records, again.changes) == records


async def post(admin: ClientSession, **data: Any) -> tuple[int, dict[str, Any]]:
    async with admin.post("/admin/apply", json={"data": data}) as answer:
        body: dict[str, Any] = await answer.json()
        return answer.status, body


async def test_it_is_kept_and_the_directory_knows_it_at_once(admin: ClientSession, world: World) -> None:
    status, body = await post(admin, records=FILE)
    assert (status, body["data"]["changes"][0]) == (200, "account shop: created")
    box = world.directory.faxbox("shop", "sales")
    assert box is not None
    assert (box.number, box.backends, box.notify) == ("+12025550101", ("line",), ("ann@shop.example",))
    revision = await world.store.accounts.revision()
    assert (await post(admin, records=FILE))[1]["data"]["changes"][2] == "faxbox shop/sales: unchanged"
    assert await world.store.accounts.revision() == revision


async def test_a_dry_run_only_says_it(admin: ClientSession, world: World) -> None:
    status, body = await post(admin, records=FILE, dry_run=True)
    assert (status, len(body["data"]["changes"])) == (200, 3)
    await world.reload()
    assert "shop" not in world.directory.accounts


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_number_or_domain_that_another_has_is_refused(
    admin: ClientSession, world: World, dry_run: bool
) -> None:
    for taken in ({"number": "+12025550100"}, {"fax_domains": ["fax.acme.example"]}):
        status, body = await post(admin, records=with_faxbox(**taken), dry_run=dry_run)
        assert (status, body["message"]) == (400, "validation error")
        assert "claimed by" in body["data"]["accounts"]["unique"]["message"]
    assert len(await world.store.accounts.records()) == 5


async def test_faults_are_told_with_dotted_paths(admin: ClientSession) -> None:
    status, body = await post(admin, records=with_faxbox(number="12", paper="a3"))
    assert status == 400
    assert set(body["data"]) == {"accounts.0.faxboxes.0.number", "accounts.0.faxboxes.0.paper"}


async def test_prune_takes_an_account_with_all_that_is_in_it(admin: ClientSession, world: World) -> None:
    await post(admin, records=FILE)
    status, body = await post(admin, records={"accounts": []}, prune=True)
    assert status == 200
    assert "account shop: removed" in body["data"]["changes"]
    assert await world.store.accounts.records() == []
