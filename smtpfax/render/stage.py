"""The shell of the stage: content goes to a worker, its document to the spool.

In:    a mail's content, the layout, and what becomes of text and logos.
Out:   Rendered: the document, and every part's fate.
Fails: Unfaxable (Permanent, with the parts as far as they are known), Temporary.

Rule: jobs with the same content and settings share one document, for its name is made from them: those that ask at
the same time share one rendering, and those that ask soon after get its result. Nothing is remembered in the spool: it
would not know when the document is put away, while what is rendered again is the same file octet by octet.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtpfax.model.account import Body, Logos
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout
from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.model.event import PartNote, Rendered
from smtpfax.model.status import CONVERTER_DIED, OUR_FAULT
from smtpfax.sandbox import Answer, Sandbox
from smtpfax.spool import Spool

from .asking import Asked, Told, told_from
from .pdf import pdf_of
from .tiff import NotOurs

RENDER_VERSION = 1  # a change of what pages look like counts one up: old documents are then not mistaken for new ones
PRELOAD = ("smtpfax.render.task",)  # what a worker imports before its first mail
SHARED_SECONDS = 600.0  # far less than the age at which a file that no row names yet is swept away
_SHARED = 256


class Unfaxable(Permanent):
    """The mail cannot become a document; `parts` are those that were known by then."""

    def __init__(self, fault: Fault, parts: Sequence[PartNote]) -> None:
        super().__init__(fault.sentence, cause=fault.cause, reason=fault.reason)
        self.parts = tuple(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    rendered: Rendered
    since: float


class Renderer:
    """Renders in the sandbox, keeps in the spool; `asked` holds the limits of all mails."""

    def __init__(self, sandbox: Sandbox, spool: Spool, asked: Asked) -> None:
        self._sandbox = sandbox
        self._spool = spool
        self._asked = asked
        self._under_way: dict[str, asyncio.Task[Rendered]] = {}
        self._results: OrderedDict[str, _Result] = OrderedDict()

    async def render(self, content: bytes, *, sha256: str, layout: Layout, body: Body, logos: Logos) -> Rendered:
        """The document of a mail, made or found."""
        asked = replace(self._asked, layout=layout, body=body, logos=logos)
        name = document_name(sha256, asked)
        found = self._found(name)
        if found is not None:
            return found
        task = self._under_way.get(name)
        if task is None:
            task = asyncio.create_task(self._rendered(content, name, asked), name=f"render {name}")
            self._under_way[name] = task
            task.add_done_callback(lambda done: self._ended(name, done))
        return await asyncio.shield(task)  # one job that is cancelled does not take the others with it

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

    async def _rendered(self, content: bytes, name: str, asked: Asked) -> Rendered:
        answer = await self._sandbox.run("smtpfax.render.task:render_mail", asked.to_json(), [content])
        told, tiff = outcome(answer)
        await self._spool.put(name, tiff)
        document = Document(name=name, pages=told.pages, octets=len(tiff), bits=told.bits, layout=asked.layout)
        return Rendered(document=document, parts=told.parts)

    def _found(self, name: str) -> Rendered | None:
        result = self._results.get(name)
        if result is None or not self._spool.has(name) or _now() - result.since > SHARED_SECONDS:
            return None
        return result.rendered

    def _ended(self, name: str, task: asyncio.Task[Rendered]) -> None:
        del self._under_way[name]
        if task.cancelled() or task.exception() is not None:
            return
        self._results[name] = _Result(rendered=task.result(), since=_now())
        self._results.move_to_end(name)
        if len(self._results) > _SHARED:
            self._results.popitem(last=False)


def document_name(sha256: str, asked: Asked) -> str:
    """The same for the same content and settings."""
    layout = asked.layout
    seed = (sha256, layout.paper, layout.resolution, asked.body, asked.logos, str(RENDER_VERSION))
    return f"fax-{hashlib.sha256('|'.join(seed).encode()).hexdigest()[:40]}.tif"


def outcome(answer: Answer) -> tuple[Told, bytes]:
    """What a rendering task answered: Unfaxable, or what it told with the TIFF."""
    try:
        told = told_from(dict(answer.data))
        tiff = b"" if told.fault else answer.blobs[0]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Temporary(CONVERTER_DIED, cause=Cause.CONVERTER, reason=f"not an answer: {error!r}") from error
    if told.fault is not None:
        raise Unfaxable(told.fault, told.parts)
    return told, tiff


def _now() -> float:
    return asyncio.get_running_loop().time()
