"""The fields of a faxbox's form: one table, from which the form is drawn and by which it is read.

In:    the keys that were set of a faxbox, or the texts of a form.
Out:   the texts of the form, or the keys as somebody changed them.
Fails: never: what cannot be is found by the shape that `apply` checks with.

Rule: an empty field is its default: the key is left out. A field whose text did not change leaves its key as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from smtpfax.api.shapes import FaxboxShape
from smtpfax.model.account import Body, CoverLook, CoverWhen, Logos, Quotes, Reading
from smtpfax.model.document import Paper, Resolution

Data = Mapping[str, Any]
_BLANKS = re.compile(r"[,\s]+")


class Kind(StrEnum):
    """How a field is written."""

    LINE = "line"
    NUMBER = "number"
    WORD = "word"  # one of its options
    LINES = "lines"  # something in each line
    RULES = "rules"  # permissions
    SWITCH = "switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field; `path` is the key's, with dots. A protected one is the administrator's."""

    path: str
    label: str
    hint: str = ""
    kind: Kind = Kind.LINE
    options: tuple[str, ...] = ()
    protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that belong together."""

    title: str
    fields: tuple[Field, ...]


def _words(path: str, label: str, kind: type[StrEnum], hint: str = "") -> Field:
    return Field(path=path, label=label, hint=hint, kind=Kind.WORD, options=tuple(kind))


def _number(path: str, label: str, hint: str = "") -> Field:
    return Field(path=path, label=label, hint=hint, kind=Kind.NUMBER)


def _lines(path: str, label: str, hint: str, *, protected: bool = False) -> Field:
    return Field(path=path, label=label, hint=hint, kind=Kind.LINES, protected=protected)


def _switch(path: str, label: str, hint: str = "") -> Field:
    return Field(path=path, label=label, hint=hint, kind=Kind.SWITCH)


def _caps(below: str, whose: str) -> tuple[Field, ...]:
    names = (
        ("faxes_per_hour", "Faxes in an hour"),
        ("faxes_per_day", "Faxes in a day"),
        ("pages_per_hour", "Pages in an hour"),
        ("pages_per_day", "Pages in a day"),
    )
    return tuple(_number(f"{below}.{name}", f"{label}, {whose}") for name, label in names)


GROUPS = (
    Group(
        title="Identity",
        fields=(
            Field(path="name", label="Name", hint="How people call it."),
            Field(path="owner", label="Owner", hint="A user's e-mail address; sees the faxbox on these pages."),
            Field(path="number", label="Number", hint="Such as +12025550100. Faxes to it land here.", protected=True),
            Field(path="header", label="Header", hint="The name in the line above each page.", protected=True),
            Field(path="caller_name", label="Caller name", hint="Shown by the far line.", protected=True),
            Field(path="timezone", label="Time zone", hint="Of the times on pages, such as America/New_York."),
        ),
    ),
    Group(
        title="Way in and way out",
        fields=(
            _lines("fax_domains", "Fax domains", "Mail to number@domain is faxed from here.", protected=True),
            _lines("backend", "Fax services", "Tried in this order.", protected=True),
            _number("tries", "Calls", "In all, the first one counted."),
        ),
    ),
    Group(
        title="Who may fax",
        fields=(
            Field(
                path="permissions",
                label="Permissions",
                hint="One in each line: an address, *@domain, *@*.domain or *; then a colon and the proofs of which "
                "one is enough: auth, network, spf, dkim, dmarc. Without proofs those of the account are asked for.",
                kind=Kind.RULES,
            ),
            _switch("first_time_guard", "Ask back about numbers that look like a slip"),
        ),
    ),
    Group(
        title="Pages",
        fields=(
            _words("paper", "Paper", Paper),
            _words("resolution", "Resolution", Resolution, "Finer takes longer on the line."),
            _words("body", "A mail's text", Body, "A page, on the cover, a page if it is alone, or never."),
            _words("logos", "Logos of the letterhead", Logos),
            _words("quotes", "Quoted earlier mails", Quotes),
            _words("cover", "Cover page", CoverWhen),
            _words("cover_look", "Look of the cover", CoverLook),
            Field(path="cover_note", label="Note on the cover", hint="Such as a note of confidentiality."),
            _words(
                "legibility", "Pages that are hard to read", Reading, "Warn the sender, refuse them, or do nothing."
            ),
        ),
    ),
    Group(
        title="What may be dialled",
        fields=(
            _lines("dial.allow_regions", "Countries", "Two letters each; empty: those of the account, else all."),
            _lines("dial.allow_types", "Kinds of numbers", "Besides ordinary ones: premium, shared_cost, personal …"),
            _lines("dial.allow_prefixes", "Prefixes that may be dialled", "Such as +1900; the longest one decides."),
            _lines("dial.deny_prefixes", "Prefixes that may not", "Such as +1212."),
        ),
    ),
    Group(title="Caps", fields=_caps("caps", "all senders") + _caps("caps.each_reverse_path", "each sender")),
    Group(
        title="Keeping and telling",
        fields=(
            _number("retention_days", "Days", "So long documents are kept after the end. 0: not at all."),
            _switch("return_content", "A notice may carry the fax"),
            _lines("notifications.outbound.email.send_to", "Who else is told", "E-mail addresses, besides the sender."),
        ),
    ),
)
FIELDS = tuple(field for group in GROUPS for field in group.fields)


def texts(data: Data, *, timezone: str) -> dict[str, str]:
    """What the form shows of a faxbox, by path; what is not set is shown as it holds."""
    shape = FaxboxShape.model_validate({"timezone": timezone, **data, "id": data.get("id", "x")})
    whole = shape.model_dump(mode="json")
    return {field.path: _WRITE[field.kind](_get(whole, field.path)) for field in FIELDS}


def changed(data: Data, before: Mapping[str, str], after: Mapping[str, str]) -> tuple[dict[str, Any], list[Field]]:
    """The keys with the form's changes, and the fields that were changed."""
    made, fields = _copied(data), []
    for field in FIELDS:
        text = _tidy(after.get(field.path, ""))
        if text == _tidy(before[field.path]):
            continue
        fields.append(field)
        _set(made, field.path.split("."), _READ[field.kind](text) if text or field.kind is Kind.SWITCH else None)
    return made, fields


def _get(data: Any, path: str) -> Any:
    for step in path.split("."):
        data = data[step]
    return data


def _set(data: dict[str, Any], steps: list[str], value: object) -> None:
    """Within tables that are made on the way; None takes the key away."""
    for step in steps[:-1]:
        data = data.setdefault(step, {})
    if value is None:
        data.pop(steps[-1], None)
    else:
        data[steps[-1]] = value


def _copied(data: Data) -> dict[str, Any]:
    return {key: _copied(value) if isinstance(value, dict) else value for key, value in data.items()}


def _tidy(text: str) -> str:
    """Browsers write lines with CR and LF."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _rules(text: str) -> list[dict[str, object]]:
    return [_rule(line) for line in text.splitlines() if line.strip()]


def _rule(line: str) -> dict[str, object]:
    pattern, _, proofs = line.partition(":")
    named = [word for word in _BLANKS.split(proofs) if word]
    return {"reverse_path": pattern.strip()} | ({"proof": named} if named else {})


def _rules_text(rules: list[dict[str, Any]]) -> str:
    return "\n".join(_rule_text(rule) for rule in rules)


def _rule_text(rule: Mapping[str, Any]) -> str:
    return f"{rule['reverse_path']}: {', '.join(rule['proof'])}" if rule["proof"] else str(rule["reverse_path"])


def _whole(text: str) -> int | str:
    """What is no number is left to the shape to say."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else text


def _listed(text: str) -> list[str]:
    return [word for word in _BLANKS.split(text) if word]


def _joined(values: Iterator[object] | list[object]) -> str:
    return "\n".join(map(str, values))


_WRITE: Mapping[Kind, Callable[[Any], str]] = MappingProxyType(
    {
        Kind.LINE: str,
        Kind.NUMBER: str,
        Kind.WORD: str,
        Kind.LINES: _joined,
        Kind.RULES: _rules_text,
        Kind.SWITCH: lambda value: "on" if value else "",
    }
)
_READ: Mapping[Kind, Callable[[str], object]] = MappingProxyType(
    {
        Kind.LINE: str,
        Kind.NUMBER: _whole,
        Kind.WORD: str,
        Kind.LINES: _listed,
        Kind.RULES: _rules,
        Kind.SWITCH: lambda text: text == "on",
    }
)
