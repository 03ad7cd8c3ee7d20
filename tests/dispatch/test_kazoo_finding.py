"""A try in doubt is found by our own id, or by what is like it where Kazoo keeps no id of ours."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model.errors import Temporary
from tests.dispatch.benches import kazoo
from tests.dispatch.fake_kazoo import FakeKazoo
from tests.dispatch.values import HERE, NOW, Clock, offer, spooled

LIKE_OURS = {"to_number": HERE.lstrip("+"), "from_number": "12025550100"}


async def find(fake: FakeKazoo, folder: Path, *, taken: frozenset[str] = frozenset()) -> str | None:
    return await kazoo(fake, folder).find(offer(), taken=taken)


@pytest.mark.parametrize("over", [False, True], ids=["in the queue", "in the outbox"])
async def test_where_it_drops_our_id_a_fax_like_ours_is_taken_for_it(
    fake: FakeKazoo, tmp_path: Path, over: bool
) -> None:
    fake.keeps_our_id = False
    id_ = fake.take(LIKE_OURS)["id"]
    if over:
        fake.finish(id_, "completed", {"success": True})
    found = await find(fake, tmp_path)
    assert found is not None
    assert found.endswith(id_)
    assert await find(fake, tmp_path, taken=frozenset({found})) is None
    assert await find(fake, tmp_path, taken=frozenset({f"202611-{id_}"})) is None


@pytest.mark.parametrize(
    "changed",
    [{"to_number": "12025550198"}, {"from_number": "12025550101"}, {"smtpfax_job": "m9-1.1"}],
    ids=["another number", "from another", "another job's"],
)
async def test_a_fax_that_differs_is_not_ours(fake: FakeKazoo, tmp_path: Path, changed: dict[str, str]) -> None:
    fake.take({**LIKE_OURS, **changed})
    assert await find(fake, tmp_path) is None


@pytest.mark.parametrize("minutes", [-10, 30])
async def test_a_fax_of_another_time_is_not_ours(fake: FakeKazoo, clock: Clock, tmp_path: Path, minutes: int) -> None:
    clock.now = NOW + timedelta(minutes=minutes)
    fake.take(LIKE_OURS)
    assert await find(fake, tmp_path) is None


async def test_where_it_shows_our_ids_a_strangers_fax_is_never_taken_for_ours(fake: FakeKazoo, tmp_path: Path) -> None:
    fake.take(LIKE_OURS)
    fake.finish(fake.take({**LIKE_OURS, "to_number": "1", "smtpfax_job": "m9-1.1"})["id"], "completed", {})
    assert await find(fake, tmp_path) is None


async def test_our_id_is_found_though_the_clocks_are_half_an_hour_apart(
    fake: FakeKazoo, clock: Clock, tmp_path: Path
) -> None:
    clock.now = NOW - timedelta(minutes=30)
    fake.finish(fake.take({**LIKE_OURS, "smtpfax_job": "m1-1.1"})["id"], "failed", {})
    assert await find(fake, tmp_path) is not None


async def test_all_pages_of_a_list_are_read(fake: FakeKazoo, tmp_path: Path) -> None:
    fake.most_rows = 3
    for number in range(10):
        fake.take({**LIKE_OURS, "smtpfax_job": f"m{number + 2}-1.1"})
    wanted = fake.take({**LIKE_OURS, "smtpfax_job": "m1-1.1"})["id"]
    found = await find(fake, spooled(tmp_path))
    assert found == f"202611-{wanted}"


async def test_a_list_without_an_end_is_no_proof_that_it_is_not_there(fake: FakeKazoo, tmp_path: Path) -> None:
    fake.most_rows = 1
    for _ in range(30):
        fake.take({**LIKE_OURS, "to_number": "1"})
    with pytest.raises(Temporary, match="more than 2000 faxes"):
        await find(fake, tmp_path)


async def test_a_fax_that_moves_while_it_is_looked_for_is_found(fake: FakeKazoo, tmp_path: Path) -> None:
    id_ = fake.take({**LIKE_OURS, "smtpfax_job": "m1-1.1"})["id"]
    fake.queue["still listed"] = dict(fake.queue[id_])  # in the list, and gone when its record is asked for
    fake.finish(id_, "completed", {"success": True})
    found = await find(fake, tmp_path)
    assert found is not None
    assert found.endswith(id_)
