"""A mail's parts as a listing, as it stands beside each mail in `mails/`."""

from smtpfax.mime.choose import Part, choose
from smtpfax.mime.kinds import Kind
from smtpfax.mime.tree import MimeLimits, read
from smtpfax.model.account import Body, Logos
from smtpfax.model.errors import Permanent
from smtpfax.model.event import PartNote

RENDERABLE = frozenset({Kind.PDF, Kind.TIFF, Kind.PNG, Kind.JPEG, Kind.GIF, Kind.BMP, Kind.TEXT, Kind.HTML, Kind.CSV})


def listing(
    content: bytes, *, body: Body = Body.ALONE, logos: Logos = Logos.DROP, renderable: frozenset[Kind] = RENDERABLE
) -> list[str]:
    """What is faxed and what is left out, or the refusal."""
    try:
        chosen = choose(read(content, limits=MimeLimits()), body=body, logos=logos, renderable=renderable)
    except Permanent as fault:
        return [f"refused {fault.status} {fault.text}"]
    return [*map(faxed, chosen.parts), *map(left_out, chosen.left_out)]


def faxed(part: Part) -> str:
    words = [f"faxed {part.path} {part.kind} {part.name}".rstrip()]
    words += [f"with {name}" for name in part.resources]
    words += [f"in {part.charset}"] * bool(part.charset)
    return " ".join(words)


def left_out(note: PartNote) -> str:
    return " ".join(f"out {note.path} {note.kind} {note.name}".split()) + f": {note.left_out}"
