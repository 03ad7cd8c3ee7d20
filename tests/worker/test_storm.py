"""In the worst weather no fax is sent twice, none is lost and none is stuck, wherever the house dies meanwhile."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path

import pytest

from smtpfax.model.cause import Cause
from smtpfax.model.job import State
from tests.worker.storm import Storm, storm


async def judged(made: Storm) -> Counter[str]:
    """Each job against what the services know of it; how many came to which end."""
    ends: Counter[str] = Counter()
    for job in made.jobs.values():
        ended = await made.here.stands(job)
        sent = [key for key, taken in made.taken.items() if taken.job_id == job.id and taken.sent]
        doubt = ended.cause is Cause.IN_DOUBT
        assert ended.state.final, f"{job.id} is stuck"
        assert len(sent) == (ended.state is State.SENT) or (doubt and len(sent) == 1), (job.id, ended, sent)
        told = await made.here.told(job)
        assert [kind for kind, _ in told] == ["receipt" if ended.state is State.SENT else "failure"]
        ends["in doubt" if doubt else ended.state.value] += 1
    return ends


@pytest.mark.parametrize(
    ("seed", "names", "dies"),
    [
        (4, ("ring",), False),
        (5, ("ring",), True),
        (6, ("ring", "kazoo"), True),
        (7, ("kazoo", "ring"), True),
        (9, ("out", "ring"), True),
    ],
    ids=["ring, nobody dies", "ring", "ring and kazoo", "kazoo and ring", "out and ring"],
)
async def test_no_fax_is_sent_twice_none_is_lost_and_none_is_stuck(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int, names: tuple[str, ...], dies: bool
) -> None:
    caplog.set_level(logging.ERROR)
    async with storm(tmp_path, seed, *names, dies=dies) as made:
        await made.pass_over()
        ends = await judged(made)
    assert ends["sent"] > len(made.jobs) / 2
    assert ends["in doubt"] == 0 or names[0] == "out"  # which nobody can ask
    assert (made.crashes > 1) == dies
    assert made.ring.limits.in_penalty <= made.crashes  # a process that was just started knows of none
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
