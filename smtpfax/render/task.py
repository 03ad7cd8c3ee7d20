"""What runs inside a sandbox's worker: a mail, or files, become a document.

In:    Asked as JSON; blobs: the mail's content, or the files; then the PDFs of parts that LibreOffice has seen.
Out:   Told as JSON; one blob: the TIFF-F. When there are parts that LibreOffice has to see first: their octets instead.
Fails: never by itself; a Permanent is told together with the parts that were known, and a crash is the sandbox's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import PurePath

from smtpfax.mime.charsets import charset_of
from smtpfax.mime.choose import Chosen, Part, choose
from smtpfax.mime.kinds import ENCRYPTED, Kind, sniff
from smtpfax.mime.refusal import Refused
from smtpfax.mime.tree import read
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.status import PART_ENCRYPTED, PART_UNKNOWN
from smtpfax.sandbox.lastword import note

from .asking import Asked, Json, Told, Wanted, asked_from
from .converters import CONVERTERS
from .converters.office import FORMS, converted, is_converted, look
from .document import opened

_MAIL = ".eml"


def render_mail(request: Json, blobs: list[bytes]) -> tuple[Json, list[bytes]]:
    """One mail."""
    asked = asked_from(request)
    try:
        chosen = _chosen(blobs.pop(0), asked)  # and then it is not kept beside its parts
    except Refused as fault:
        return Told(parts=fault.parts, fault=fault).to_json(), []
    return _document(chosen, asked, blobs)


def render_files(request: Json, blobs: list[bytes]) -> tuple[Json, list[bytes]]:
    """Files, each a part of its own; one that is called .eml is a mail."""
    asked = asked_from(request)
    if len(asked.names) == 1 and asked.names[0].lower().endswith(_MAIL):
        return render_mail(request, blobs)
    count = len(asked.names)
    parts = [
        _part(index, name, data) for index, (name, data) in enumerate(zip(asked.names, blobs[:count], strict=True), 1)
    ]
    return _document(Chosen(parts=tuple(parts), left_out=()), asked, blobs[count:])


def _chosen(content: bytes, asked: Asked) -> Chosen:
    tree = read(content, limits=asked.mime)
    return choose(
        tree,
        body=asked.body,
        logos=asked.logos,
        renderable=_renderable(asked),
        quotes=asked.quotes,
        seen=asked.seen,
    )


def _renderable(asked: Asked) -> frozenset[Kind]:
    """Kinds of LibreOffice's only as far as it is installed."""
    return frozenset(kind for kind in CONVERTERS if kind not in FORMS or FORMS[kind].application in asked.office)


def _document(chosen: Chosen, asked: Asked, pdfs: Sequence[bytes]) -> tuple[Json, list[bytes]]:
    known = tuple(part.note() for part in chosen.parts) + chosen.left_out
    by_path = dict(zip(asked.converted, pdfs, strict=True))
    parts = [converted(part, by_path[part.path]) if part.path in by_path else part for part in chosen.parts]
    note(parts=[asdict(part) for part in known])
    waiting = [part for part in parts if not is_converted(part)]
    bare = Told(parts=known, cover_text=chosen.cover_text, pictures=chosen.pictures)
    if not parts and asked.cover and chosen.cover_text:
        return bare.to_json(), [b""]
    try:
        _all_known(parts, _renderable(asked))
        if waiting:
            wanted = tuple(_wanted(part, asked) for part in waiting)
            return replace(bare, wanted=wanted).to_json(), [part.data for part in waiting]
        document = opened(parts, layout=asked.layout, limits=asked.limits)
        if asked.long and not asked.only and document.soon_opened and document.pages >= asked.long:
            return replace(bare, counted=document.pages, parts=document.notes + chosen.left_out).to_json(), []
        drawn = document.drawn(asked.only)
    except Permanent as fault:
        return replace(bare, fault=fault).to_json(), []
    told = replace(
        bare,
        pages=drawn.pages,
        bits=drawn.bits,
        legibility=drawn.legibility,
        parts=drawn.parts + chosen.left_out,
    )
    return told.to_json(), [drawn.tiff]


def _wanted(part: Part, asked: Asked) -> Wanted:
    form = look(part, limits=asked.limits)
    return Wanted(path=part.path, label=part.label, suffix=form.suffix, application=form.application)


def _part(index: int, name: str, data: bytes) -> Part:
    kind = sniff(data, name=name)
    charset = charset_of(data, "") if kind.text else ""
    return Part(path=str(index), name=PurePath(name).name, kind=kind, data=data, charset=charset)


def _all_known(parts: Sequence[Part], renderable: frozenset[Kind]) -> None:
    """Of a mail's parts `choose` has seen to it."""
    for part in parts:
        if part.kind not in renderable:
            sentence = PART_ENCRYPTED if part.kind in ENCRYPTED else PART_UNKNOWN
            raise Permanent(sentence, cause=Cause.DOCUMENT, part=part.label, kind=part.kind)
