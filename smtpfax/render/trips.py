"""The trips of a mail to the workers, until there is a document of it.

Most mails make one. One with office files makes two: the worker names them, LibreOffice makes PDFs of them, and with
these the worker draws the document. The pages of a long one are only counted at first when other workers are idle;
then each of them draws some.

In:    a mail's content or files, and what is asked of them.
Out:   Told, and the document's TIFF-F.
Fails: Unfaxable (Permanent) and Undone (Temporary), with the parts as far as they are known; Temporary.

Guarantee: who drew which pages is not seen in the document. Its seconds and octets are bounded as a whole, and when
one of its workers dies, no other document is lost.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Permanent
from smtpfax.model.event import PartNote
from smtpfax.model.legibility import worst
from smtpfax.model.status import BLANK, DOCUMENT_TOO_LARGE
from smtpfax.sandbox import Answer, Sandbox
from smtpfax.sandbox.office import Office, OfficeFile

from .asking import Asked, Told, told_from
from .known import Unfaxable, asked_of, nonsense, with_parts
from .tiff import NotOurs, Strip, strips_of, tiff_of

MAIL, FILES = "smtpfax.render.task:render_mail", "smtpfax.render.task:render_files"
LONG = 4  # pages, and at least half as many for each worker: fewer are not worth the trips
_LEAST_SECONDS = 0.1
_START = 1 << 16  # octets: a mail begins with its texts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bag:
    """What goes along on each trip."""

    task: str
    blobs: Sequence[bytes]
    sandbox: Sandbox


async def rendered(
    task: str, asked: Asked, blobs: Sequence[bytes], *, sandbox: Sandbox, office: Office | None
) -> tuple[Told, bytes]:
    """The TIFF of a mail or of files, with what became of the parts; Unfaxable."""
    bag = _Bag(task=task, blobs=blobs, sandbox=sandbox)
    asked = replace(asked, office=office.applications if office else ())
    told, out = await _drawn(bag, asked)
    if office is not None and told.wanted:
        pdfs = await _pdfs(told, out, office, pages=asked.limits.max_pages + 1)  # so that too many are seen to be so
        asked = replace(asked, converted=tuple(part.path for part in told.wanted))
        told, out = await _drawn(replace(bag, blobs=[*blobs, *pdfs]), asked)
    if told.wanted:
        raise nonsense("parts are wanted again")
    return told, out[0]


async def _drawn(bag: _Bag, asked: Asked) -> tuple[Told, Sequence[bytes]]:
    """By one worker, or by several when they have nothing else to do."""
    helpers = bag.sandbox.idle > 1
    first = replace(asked, long=LONG if helpers else 0).to_json()
    answer = await asked_of(bag.sandbox, bag.task, first, bag.blobs, ready=perhaps_typeset(bag.blobs))
    told, out = outcome(answer)
    if not told.counted:
        return told, out
    shares = shares_of(told.counted, bag.sandbox.idle)
    seconds = max(_LEAST_SECONDS, bag.sandbox.limits.wall_seconds - answer.seconds)
    answers = await asyncio.gather(
        *(_share(bag, replace(asked, only=share), seconds) for share in shares), return_exceptions=True
    )
    drawn = [_or_raise(each, told.parts) for each in answers]  # all have ended: none is killed for another's fault
    return await asyncio.to_thread(_joined, told, drawn, asked)


def perhaps_typeset(blobs: Sequence[bytes]) -> bool:
    """A guess at whether there is HTML in it, which costs nothing but time when it is wrong."""
    return any(b"html" in blob[:_START] for blob in blobs)


def shares_of(pages: int, workers: int) -> list[tuple[int, int]]:
    """First page and end of each worker's share, counted from 0."""
    count = max(1, min(workers, pages * 2 // LONG))
    return [(pages * index // count, pages * (index + 1) // count) for index in range(count)]


async def _share(bag: _Bag, asked: Asked, seconds: float) -> tuple[Told, bytes]:
    answer = await asked_of(bag.sandbox, bag.task, asked.to_json(), bag.blobs, wall_seconds=seconds)
    told, out = outcome(answer)
    if told.wanted or told.counted:
        raise nonsense("a share of the pages was asked for")
    return told, out[0]


def _or_raise(answer: tuple[Told, bytes] | BaseException, parts: Sequence[PartNote]) -> tuple[Told, bytes]:
    if isinstance(answer, Permanent):
        raise Unfaxable(answer, parts) from answer
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _joined(whole: Told, shares: Sequence[tuple[Told, bytes]], asked: Asked) -> tuple[Told, list[bytes]]:
    """One document of all."""
    try:
        strips: list[Strip] = [strip for _, tiff in shares for strip in strips_of(tiff)[0]]
    except (NotOurs, struct.error, KeyError) as error:
        raise nonsense(repr(error)) from error
    if len(strips) != whole.counted:
        raise nonsense(f"{len(strips)} of {whole.counted} pages")
    bits = sum(strip.bits for strip in strips)
    if bits > 8 * asked.limits.max_document_bytes:
        raise Unfaxable(Permanent(DOCUMENT_TOO_LARGE, cause=Cause.DOCUMENT), whole.parts)
    found = worst([told.legibility for told, _ in shares if told.legibility is not None])
    if found.black == 0:
        raise Unfaxable(Permanent(BLANK, cause=Cause.DOCUMENT), whole.parts)
    told = replace(whole, counted=0, pages=len(strips), bits=bits, legibility=found)
    return told, [tiff_of(strips, asked.layout.resolution)]


async def _pdfs(told: Told, out: Sequence[bytes], office: Office, *, pages: int) -> list[bytes]:
    files = [
        OfficeFile(label=part.label, suffix=part.suffix, application=part.application, data=data)
        for part, data in zip(told.wanted, out, strict=True)
    ]
    try:
        return await office.convert(files, pages=pages)
    except Fault as fault:
        raise with_parts(fault, told.parts, fault.part) from fault


def outcome(answer: Answer) -> tuple[Told, list[bytes]]:
    """What a rendering task answered: Unfaxable, or what it told, with the TIFF or the wanted parts' octets."""
    try:
        told = told_from(dict(answer.data))
        if told.fault is None and len(answer.blobs) != (len(told.wanted) or int(not told.counted)):
            raise ValueError(f"{len(answer.blobs)} blobs")
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise nonsense(repr(error)) from error
    if told.fault is not None:
        raise Unfaxable(told.fault, told.parts)
    return told, answer.blobs
