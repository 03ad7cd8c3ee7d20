"""What runs inside a sandbox's worker: a mail, or files, become a document.

In:    Asked as JSON; blobs: the mail's content, or the files.
Out:   Told as JSON; one blob: the TIFF-F, when there is one.
Fails: never by itself; a Permanent is told together with the parts that were known, and a crash is the sandbox's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from smtpfax.mime.charsets import charset_of
from smtpfax.mime.choose import Chosen, Part, choose
from smtpfax.mime.kinds import ENCRYPTED, sniff
from smtpfax.mime.tree import read
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.status import PART_ENCRYPTED, PART_UNKNOWN

from .asking import Asked, Json, Told, asked_from
from .converters import CONVERTERS
from .document import drawn

RENDERABLE = frozenset(CONVERTERS)
_MAIL = ".eml"


def render_mail(request: Json, blobs: list[bytes]) -> tuple[Json, list[bytes]]:
    """One mail."""
    asked = asked_from(request)
    try:
        chosen = _chosen(blobs[0], asked)
    except Permanent as fault:
        return Told(fault=fault).to_json(), []
    return _document(chosen, asked)


def render_files(request: Json, blobs: list[bytes]) -> tuple[Json, list[bytes]]:
    """Files, each a part of its own; one that is called .eml is a mail."""
    asked = asked_from(request)
    if len(blobs) == 1 and asked.names[0].lower().endswith(_MAIL):
        return render_mail(request, blobs)
    parts = [_part(index, name, data) for index, (name, data) in enumerate(zip(asked.names, blobs, strict=True), 1)]
    return _document(Chosen(parts=tuple(parts), left_out=()), asked)


def _chosen(content: bytes, asked: Asked) -> Chosen:
    tree = read(content, limits=asked.mime)
    return choose(tree, body=asked.body, logos=asked.logos, renderable=RENDERABLE)


def _document(chosen: Chosen, asked: Asked) -> tuple[Json, list[bytes]]:
    try:
        _all_known(chosen.parts)
        document = drawn(chosen.parts, layout=asked.layout, limits=asked.limits)
    except Permanent as fault:
        known = tuple(part.note() for part in chosen.parts) + chosen.left_out
        return Told(parts=known, fault=fault).to_json(), []
    told = Told(pages=document.pages, bits=document.bits, parts=document.parts + chosen.left_out)
    return told.to_json(), [document.tiff]


def _part(index: int, name: str, data: bytes) -> Part:
    kind = sniff(data, name=name)
    charset = charset_of(data, "") if kind.text else ""
    return Part(path=str(index), name=PurePath(name).name, kind=kind, data=data, charset=charset)


def _all_known(parts: Sequence[Part]) -> None:
    """Of a mail's parts `choose` has seen to it."""
    for part in parts:
        if part.kind not in RENDERABLE:
            sentence = PART_ENCRYPTED if part.kind in ENCRYPTED else PART_UNKNOWN
            raise Permanent(sentence, cause=Cause.DOCUMENT, part=part.label, kind=part.kind)
