"""RingCentral's own cover pages.

In:    what a faxbox says in `service_cover`: nothing, an index, or a name.
Out:   the index for the REST API, the name for FaxOut; 0 and None where there is to be no cover.
Fails: never; what is neither is no cover, for a page that nobody asked for is worse than none.

The names are those of GET dictionary/fax-cover-page; of the languages other than English the index alone is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NAMES: Mapping[str, int] = MappingProxyType(
    {
        name: index
        for index, name in enumerate(
            (
                "None",
                "Ancient",
                "Birthday",
                "Blank",
                "Clasmod",
                "Classic",
                "Confidential",
                "Contempo",
                "Elegant",
                "Express",
                "Formal",
                "Jazzy",
                "Modern",
                "Urgent",
            )
        )
    }
)
INDEXES = frozenset((*range(14), *range(15, 25), *range(26, 29)))  # 14 and 25 are not used
MOST_TEXT = 1024  # characters of coverPageText


def index_of(cover: str) -> int:
    """For coverIndex."""
    if cover.isascii() and cover.isdigit():
        return int(cover) if int(cover[:3]) in INDEXES else 0
    return NAMES.get(cover.capitalize(), 0)


def name_of(cover: str) -> str:
    """For Coverpage: a name is as it is, for each account may have covers of its own."""
    if not cover.isascii() or not cover.isdigit():
        return cover or "None"
    return next((name for name, index in NAMES.items() if index == index_of(cover)), "None")
