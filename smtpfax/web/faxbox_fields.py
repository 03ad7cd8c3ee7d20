"""The texts of a faxbox's form become its keys, and its keys texts.

In:    the keys that were set of a faxbox, or the texts of a form.
Out:   the texts of the form, or the keys as somebody changed them.
Fails: never: what cannot be is found by the shape that `apply` checks with.

Rule: an empty field is its default: the key is left out. A field whose text did not change leaves its key as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from smtpfax.api.faxbox_shape import FaxboxShape

from .faxbox_table import FIELDS, Field, Kind

Data = Mapping[str, Any]
_BLANKS = re.compile(r"[,\s]+")


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


def _lined(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def _joined(values: Iterator[object] | list[object]) -> str:
    return "\n".join(map(str, values))


_WRITE: Mapping[Kind, Callable[[Any], str]] = MappingProxyType(
    {
        Kind.LINE: str,
        Kind.NUMBER: str,
        Kind.WORD: str,
        Kind.LINES: _joined,
        Kind.WHOLE: _joined,
        Kind.TEXT: str,
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
        Kind.WHOLE: _lined,
        Kind.TEXT: str,
        Kind.RULES: _rules,
        Kind.SWITCH: lambda text: text == "on",
    }
)
