"""What the daemon asks of a worker and what it is told, as JSON and as values.

In:    Asked, which a worker reads; Told, which the daemon reads.
Out:   the JSON that stands for them on the sandbox's wire.
Fails: KeyError, TypeError, ValueError for what neither of them wrote.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smtpfax.mime.tree import MimeLimits
from smtpfax.model.account import Body, Logos, Quotes
from smtpfax.model.document import Layout, layout_from
from smtpfax.model.errors import Fault
from smtpfax.model.event import PartNote
from smtpfax.model.legibility import Legibility
from smtpfax.sandbox.wire import fault_head, read_fault

from .limits import Limits

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a mail, or files, shall be rendered.

    `names` are those of the files, in the order of the blobs; `converted` are the paths of the parts whose PDFs follow
    them; `office` are LibreOffice's applications that are installed; `seen` says in how many mails of this reverse-path
    a picture was before, by its SHA-256; with a `cover` to come, a text for it is enough of a document.

    A document that is `long`, of so many pages, is only counted, if all of it is soon opened again; of one that was
    counted, `only` those pages are drawn, from the first to before the second.
    """

    layout: Layout = field(default_factory=Layout)
    body: Body = Body.ALONE
    logos: Logos = Logos.DROP
    limits: Limits = field(default_factory=Limits)
    mime: MimeLimits = field(default_factory=MimeLimits)
    names: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()
    office: tuple[str, ...] = ()
    quotes: Quotes = Quotes.KEEP
    seen: Mapping[str, int] = field(default_factory=dict)
    cover: bool = False
    long: int = 0  # 0: none is
    only: tuple[int, int] | None = None

    def to_json(self) -> Json:
        """For the wire."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A part that LibreOffice has to see first; its octets travel beside."""

    path: str
    label: str
    suffix: str
    application: str

    def __post_init__(self) -> None:
        if not self.suffix.isalnum():  # it becomes the name of a file
            raise ValueError(f"no ending of a file: {self.suffix!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of it: pages and bits of the TIFF that travels beside, or a fault; and every part's fate.

    When parts are `wanted` there is no TIFF yet: the same is to be asked again with their PDFs. Nor is there one when
    so many pages were only `counted`.
    """

    pages: int = 0
    bits: int = 0
    parts: tuple[PartNote, ...] = ()
    legibility: Legibility | None = None
    fault: Fault | None = None
    wanted: tuple[Wanted, ...] = ()
    cover_text: str = ""
    pictures: tuple[str, ...] = ()  # by their SHA-256, to be remembered for `seen`
    counted: int = 0

    def to_json(self) -> Json:
        """For the wire; the fault as the sandbox writes its own."""
        parts = [dataclasses.asdict(part) for part in self.parts]
        fault = fault_head(self.fault) if self.fault else {}
        wanted = [dataclasses.asdict(part) for part in self.wanted]
        return {
            "pages": self.pages,
            "bits": self.bits,
            "legibility": self.legibility and dataclasses.asdict(self.legibility),
            "parts": parts,
            "wanted": wanted,
            "cover_text": self.cover_text,
            "pictures": list(self.pictures),
            "counted": self.counted,
            **fault,
        }


def asked_from(data: Json) -> Asked:
    """Read what `Asked.to_json` wrote."""
    return Asked(
        layout=layout_from(data["layout"]),
        body=Body(data["body"]),
        logos=Logos(data["logos"]),
        limits=Limits(**data["limits"]),
        mime=MimeLimits(**data["mime"]),
        names=tuple(data["names"]),
        converted=tuple(data["converted"]),
        office=tuple(data["office"]),
        quotes=Quotes(data["quotes"]),
        seen=data["seen"],
        cover=data["cover"],
        long=data["long"],
        only=tuple(data["only"]) if data["only"] else None,
    )


def told_from(data: Json) -> Told:
    """Read what `Told.to_json` wrote."""
    parts = tuple(PartNote(**part) for part in data["parts"])
    fault = read_fault(data["fault"]) if "fault" in data else None
    wanted = tuple(Wanted(**part) for part in data["wanted"])
    found = data["legibility"]
    legibility = Legibility(**found) if found else None
    return Told(
        pages=data["pages"],
        bits=data["bits"],
        legibility=legibility,
        parts=parts,
        fault=fault,
        wanted=wanted,
        cover_text=str(data["cover_text"]),
        pictures=tuple(data["pictures"]),
        counted=data["counted"],
    )
