"""Templates become pages.

In:    a template's name, the visit, and the values that the template names.
Out:   HTML.
Fails: Jinja's UndefinedError for a name that the template was not given: a bug, found by the first test of the page.

Rule: everything is escaped; the few texts that are markup are made by templates themselves.
"""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from typing import Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from . import words
from .assets import ASSETS


class Looks(Protocol):
    """What every page needs of a visit."""

    @property
    def zone(self) -> tzinfo:
        """Of the viewer."""

    @property
    def now(self) -> datetime:
        """The time."""


_CODE = re.compile(r"`([^`]*)`")
_TIME = Markup('<time datetime="{at}" title="{full}">{short}</time>')


@pass_context
def _when(context: Context, at: datetime) -> Markup:
    visit: Looks = context["visit"]
    short, full = words.clock(at, visit.now, visit.zone), words.exactly(at, visit.zone)
    return _TIME.format(at=at.isoformat(), full=full, short=short)


@pass_context
def _ago(context: Context, at: datetime) -> Markup:
    visit: Looks = context["visit"]
    return _TIME.format(at=at.isoformat(), full=words.exactly(at, visit.zone), short=words.ago(at, visit.now))


def _breaks(text: object) -> Markup:
    """An address may go on in the next line behind its @, or before a dot."""
    broken = str(escape(text)).replace("@", "@<wbr>").replace(".", "<wbr>.")
    return Markup(broken)  # noqa: S704  escaped above


def _coded(text: str) -> Markup:
    """What stands between backquotes is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped before


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader(__package__ or "smtpfax.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "when": _when,
        "ago": _ago,
        "breaks": _breaks,
        "coded": _coded,
        "size": words.size,
        "number": words.number,
        "lasting": words.lasting,
        "count": words.count,
        "standing": words.standing,
        "sentence": words.sentence,
        "happened": words.happened,
    }
    made.globals |= {"words": words, "asset": ASSETS.url}
    return made


_PAGES = _environment()


def render(template: str, visit: Looks, **values: object) -> str:
    """The whole page, or the part that the template is."""
    return _PAGES.get_template(template).render(visit=visit, **values)
