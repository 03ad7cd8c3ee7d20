"""The shell of the stage: content goes to a worker, its document to the spool.

In:    a mail's content, the layout, and what becomes of text and logos.
Out:   Rendered: the document, and every part's fate.
Fails: Unfaxable (Permanent) and Undone (Temporary), with the parts as far as they are known; Temporary.

Rule: jobs with the same content and settings share one document, for its name is made from them: those that ask at
the same time share one rendering, and those that ask soon after get its result. Nothing is remembered in the spool: it
would not know when the document is put away, while what is rendered again is the same file octet by octet.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from smtpfax.model.account import CoverWhen, Faxbox
from smtpfax.model.document import Document, Layout, Resolution
from smtpfax.model.errors import Temporary
from smtpfax.model.event import Rendered
from smtpfax.model.status import OUR_FAULT
from smtpfax.sandbox import Sandbox
from smtpfax.sandbox.office import Office
from smtpfax.spool import Spool

from .asking import Asked
from .covering import Cover, CoverFacts
from .heading import HeaderLine
from .pdf import pdf_of
from .tiff import NotOurs
from .trips import FILES, MAIL, rendered

RENDER_VERSION = 6  # a change of what pages look like counts one up: old documents are then not mistaken for new ones
HEADER = "smtpfax.render.header_line:render_header"
COVER = "smtpfax.render.cover:render_cover"
# What a worker imports before its first mail, and does then. Making code takes memory: it comes while there is little.
PRELOAD = (
    "smtpfax.render.loops.machine:begin",
    "smtpfax.render.task",
    "smtpfax.render.header_line",
    "charset_normalizer",
)
SPARE = "smtpfax.render.cover:make_ready"  # what one of them does when there is no mail
RECEIVED_PAGES = 1000  # of a fax that came in; nobody can be asked to send it in parts
SHARED_SECONDS = 600.0  # far less than the age at which a file that no row names yet is swept away
_SHARED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A document, and what is to be known beside it."""

    rendered: Rendered
    cover_text: str = ""
    pictures: tuple[str, ...] = ()  # SHA-256 of those that may be logos, to be remembered for `seen`


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    made: Made
    since: float


class Renderer:
    """Renders in the sandbox, keeps in the spool; `asked` holds the limits of all mails."""

    def __init__(self, sandbox: Sandbox, spool: Spool, asked: Asked, office: Office | None = None) -> None:
        self._sandbox = sandbox
        self._office = office
        self._spool = spool
        self._asked = asked
        self._under_way: dict[str, asyncio.Task[Made]] = {}
        self._results: OrderedDict[str, _Result] = OrderedDict()

    async def render(
        self, content: bytes, *, sha256: str, faxbox: Faxbox, cover: CoverFacts, seen: Mapping[str, int]
    ) -> Made:
        """The document of a job, made or found; `cover` is used where the faxbox wants one."""
        asked = replace(
            self._asked,
            layout=replace(self._asked.layout, paper=faxbox.paper, resolution=faxbox.resolution),
            body=faxbox.body,
            logos=faxbox.logos,
            quotes=faxbox.quotes,
            cover=faxbox.cover is not CoverWhen.NEVER,
            seen=seen,
        )
        bare = await self._bare(content, document_name(sha256, asked), asked)
        if not wants_cover(faxbox, bare.cover_text):
            return bare
        return await self._covered(bare, replace(cover, body=bare.cover_text), asked)

    async def _bare(self, content: bytes, name: str, asked: Asked) -> Made:
        found = self._found(name)
        if found is not None:
            return found
        task = self._under_way.get(name)
        if task is None:
            task = asyncio.create_task(self._rendered(content, name, asked), name=f"render {name}")
            self._under_way[name] = task
            task.add_done_callback(lambda done: self._ended(name, done))
        return await asyncio.shield(task)  # one job that is cancelled does not take the others with it

    async def _covered(self, bare: Made, facts: CoverFacts, asked: Asked) -> Made:
        """The cover before the bare pages, which are not made again."""
        document = bare.rendered.document
        cover = Cover(facts=facts, layout=asked.layout, limits=asked.limits)
        tiff = await self._spool.read(document.name) if document.pages else b""
        answer = await self._sandbox.run(COVER, cover.to_json(), [tiff], ready=True)
        whole = replace(
            document,
            name=_named(document.name, cover.to_json()),
            pages=int(answer.data["pages"]),
            bits=int(answer.data["bits"]),
            octets=len(answer.blobs[0]),
        )
        await self._spool.put(whole.name, answer.blobs[0])
        return replace(bare, rendered=replace(bare.rendered, document=whole))

    async def headed(self, document: Document, line: HeaderLine) -> Document:
        """The document with its header line, as it is offered."""
        answer = await self._sandbox.run(HEADER, line.to_json(), [await self._spool.read(document.name)])
        name = _named(document.name, line.to_json())
        await self._spool.put(name, answer.blobs[0])
        return replace(document, name=name, bits=int(answer.data["bits"]), octets=len(answer.blobs[0]))

    async def received(self, name: str, octets: bytes, faxbox: Faxbox) -> Document:
        """What a fax service received, drawn again: nothing of a file that somebody else made reaches a reader."""
        limits = replace(self._asked.limits, max_pages=RECEIVED_PAGES)
        layout = Layout(paper=faxbox.paper, resolution=Resolution.FINE)
        asked = replace(self._asked, layout=layout, names=(name,), limits=limits)
        told, tiff = await rendered(FILES, asked, [octets], sandbox=self._sandbox, office=None)
        kept = _named(hashlib.sha256(octets).hexdigest(), name, layout.paper, RENDER_VERSION)
        await self._spool.put(kept, tiff)
        return Document(
            name=kept,
            pages=told.pages,
            octets=len(tiff),
            bits=told.bits,
            layout=layout,
            legibility=told.legibility,
        )

    async def pdf(self, document: Document) -> bytes:
        """The document as people like it."""
        tiff = await self._spool.read(document.name)
        try:
            return await asyncio.to_thread(pdf_of, tiff)
        except NotOurs as error:
            raise Temporary(OUR_FAULT, reason=f"{document.name}: {error}") from error

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _rendered(self, content: bytes, name: str, asked: Asked) -> Made:
        told, tiff = await rendered(MAIL, asked, [content], sandbox=self._sandbox, office=self._office)
        if told.pages:
            await self._spool.put(name, tiff)
        document = Document(
            name=name,
            pages=told.pages,
            octets=len(tiff),
            bits=told.bits,
            layout=asked.layout,
            legibility=told.legibility,
        )
        whole = Rendered(document=document, parts=told.parts)
        return Made(rendered=whole, cover_text=told.cover_text, pictures=told.pictures)

    def _found(self, name: str) -> Made | None:
        result = self._results.get(name)
        if result is None or _now() - result.since > SHARED_SECONDS:
            return None
        made = result.made
        return made if not made.rendered.document.pages or self._spool.has(name) else None

    def _ended(self, name: str, task: asyncio.Task[Made]) -> None:
        del self._under_way[name]
        if task.cancelled() or task.exception() is not None:
            return
        self._results[name] = _Result(made=task.result(), since=_now())
        self._results.move_to_end(name)
        if len(self._results) > _SHARED:
            self._results.popitem(last=False)


def _named(*seed: object) -> str:
    """The same for the same."""
    octets = json.dumps(seed, sort_keys=True).encode()
    return f"fax-{hashlib.sha256(octets).hexdigest()[:40]}.tif"


def wants_cover(faxbox: Faxbox, text: str) -> bool:
    """Whether the document begins with one."""
    return faxbox.cover is CoverWhen.ALWAYS or (faxbox.cover is CoverWhen.WITH_BODY and bool(text))


def document_name(sha256: str, asked: Asked) -> str:
    """The same for the same content and settings."""
    layout = asked.layout
    habits = (asked.body, asked.logos, asked.quotes, str(asked.cover), *sorted(asked.seen))
    seed = (sha256, layout.paper, layout.resolution, layout.coding, *habits, str(RENDER_VERSION))
    return _named(*seed)


def _now() -> float:
    return asyncio.get_running_loop().time()
