"""A mail's parts as a listing, as it stands beside each mail in `mails/`."""

from collections.abc import Mapping

from smtpfax.mime.choose import NEVER_SEEN, Part, choose
from smtpfax.mime.kinds import Kind
from smtpfax.mime.refusal import Refused
from smtpfax.mime.tree import MimeLimits, read
from smtpfax.model.account import Body, Logos, Quotes
from smtpfax.model.event import PartNote

RENDERABLE = frozenset({Kind.PDF, Kind.TIFF, Kind.PNG, Kind.JPEG, Kind.GIF, Kind.BMP, Kind.TEXT, Kind.HTML, Kind.CSV})


def listing(
    content: bytes,
    *,
    body: Body = Body.ALONE,
    logos: Logos = Logos.DROP,
    renderable: frozenset[Kind] = RENDERABLE,
    quotes: Quotes = Quotes.KEEP,
    seen: Mapping[str, int] = NEVER_SEEN,
) -> list[str]:
    """What is faxed and what is left out, or the refusal."""
    try:
        tree = read(content, limits=MimeLimits())
        chosen = choose(tree, body=body, logos=logos, renderable=renderable, quotes=quotes, seen=seen)
    except Refused as fault:
        return [f"refused {fault.status} {fault.text}"]
    return [*map(faxed, chosen.parts), *map(left_out, chosen.left_out)]


def faxed(part: Part) -> str:
    words = [f"faxed {part.path} {part.kind} {part.name}".rstrip()]
    words += [f"with {name}" for name in part.resources]
    words += [f"in {part.charset}"] * bool(part.charset)
    return " ".join(words)


def left_out(note: PartNote) -> str:
    return " ".join(f"out {note.path} {note.kind} {note.name}".split()) + f": {note.left_out}"
