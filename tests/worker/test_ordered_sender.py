"""The sender that an order names is who the fax is from: for the backend, for the header line, for notices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from smtpfax.model.document import Layout
from smtpfax.model.number import FaxNumber
from smtpfax.model.particulars import Particulars
from smtpfax.render.heading import header_of
from smtpfax.worker import stages
from tests.worker.shop import Line, bench

SAID = Particulars(from_name="Ann", from_number="+12025550101", timezone="Asia/Tokyo")


async def test_a_backend_is_offered_the_fax_in_the_name_of_its_order(tmp_path: Path) -> None:
    line = Line("line", offers=["t1", "t2"])
    async with bench(tmp_path, line) as here:
        here.boxes[:] = [replace(here.boxes[0], number="+12025550100", caller_name="Acme")]
        for said, number in ((SAID, "+12025550123"), (None, "+12025550124")):
            await stages.step(here.shop, await here.job(particulars=said, number=FaxNumber(e164=number)))
    first, second = line.offered
    assert (first.faxbox.caller_name, first.faxbox.number) == ("Ann", "+12025550101")
    assert (second.faxbox.caller_name, second.faxbox.number) == ("Acme", "+12025550100")


async def test_the_header_line_has_the_orders_name_number_and_zone(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        faxbox = here.shop.faxbox(await here.queued(particulars=SAID))
        assert faxbox is not None
        line = header_of(faxbox, at=here.now, layout=Layout())
    assert (line.when, line.name, line.number) == ("2026-11-21 21:00 JST", "Ann", "+12025550101")
