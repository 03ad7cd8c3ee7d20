"""The dashboard.

In:    so many days to look back.
Out:   the page.
Fails: Temporary.
"""

from __future__ import annotations

from aiohttp import web

from .charts import causes_chart, faxes_chart, pages_chart
from .figures import Remembered, stands
from .viewer import Role
from .visit import Visit

DAYS = (7, 14, 30, 90)
_USUAL = 14
_REMEMBERED = web.AppKey("remembered", Remembered)


def prepare(app: web.Application) -> None:
    """What it remembers."""
    app[_REMEMBERED] = Remembered()


async def dashboard(visit: Visit) -> web.StreamResponse:
    """GET /."""
    wish = visit.query("days")
    days = int(wish) if wish in map(str, DAYS) else _USUAL
    whose = visit.viewer.whose(visit.directory)
    sums = await visit.request.app[_REMEMBERED].sums(visit.desk, whose, days=days, zone=visit.zone)
    now = await stands(visit.desk, whose, everything=visit.viewer.at_least(Role.ADMINISTRATOR))
    return visit.page(
        "dashboard.html",
        days=days,
        choices=DAYS,
        sums=sums,
        stands=now,
        faxes=faxes_chart(sums.days),
        pages=pages_chart(sums.days),
        causes=causes_chart(sums.causes),
    )
