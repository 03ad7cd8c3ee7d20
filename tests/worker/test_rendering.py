"""What keeps a rendered document from leaving, while its client may still wait."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from smtpfax.model.account import Reading
from smtpfax.model.errors import Permanent
from smtpfax.model.legibility import Legibility
from smtpfax.worker.rendering import check_legibility, cover_facts
from tests.worker.shop import DOCUMENT, Line, bench

TINY = replace(DOCUMENT, legibility=Legibility(letter_mm=0.4, letter_rows=3, letter_page=2))


async def test_pages_that_nobody_could_read_are_refused_where_the_faxbox_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a")) as here:
        job, box = await here.queued(), here.boxes[0]
        with pytest.raises(Permanent, match="page 2 will be hard to read"):
            check_legibility(job, TINY, replace(box, legibility=Reading.REFUSE))
        for reading in (Reading.WARN, Reading.OFF):
            check_legibility(job, TINY, replace(box, legibility=reading))
        check_legibility(job, DOCUMENT, replace(box, legibility=Reading.REFUSE))


async def test_a_cover_says_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a")) as here:
        job = await here.queued(to_name="Bob")
        mail = await here.shop.store.mails.get(job.mail_id)
        assert mail is not None
        facts = cover_facts(job, mail, replace(here.boxes[0], timezone="America/New_York", header="Acme"))
        assert (facts.to_name, facts.to_number, facts.subject, facts.header) == ("Bob", "+12025550123", "hello", "Acme")
        assert facts.at.isoformat() == "2026-11-21T07:00:00-05:00"
