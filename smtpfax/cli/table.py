"""Tables for people, JSON for programs.

In:    records as the daemon answers them.
Out:   lines on standard output.
Fails: never.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import typer


def show(records: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """One line a record, columns as wide as they need to be."""
    if as_json:
        typer.echo(json.dumps(list(records), indent=2, ensure_ascii=False))
        return
    rows = [[column.upper() for column in columns]]
    rows += [[plain(record.get(column, "")) for column in columns] for record in records]
    widths = [max(len(row[place]) for row in rows) for place in range(len(columns))]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def show_one(record: Mapping[str, Any], *, as_json: bool, indent: str = "") -> None:
    """A record, one field a line."""
    if as_json:
        typer.echo(json.dumps(record, indent=2, ensure_ascii=False))
        return
    width = max((len(key) for key in record), default=0)
    for key, value in record.items():
        if isinstance(value, Mapping) and value:
            typer.echo(f"{indent}{key}:")
            show_one(value, as_json=False, indent=indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            typer.echo(f"{indent}{key}:")
            for item in value:
                fields = " ".join(f"{name}={plain(field)}" for name, field in item.items() if field)
                typer.echo(f"{indent}  - {fields}")
        else:
            typer.echo(f"{indent}{key.ljust(width)}  {plain(value)}")


def plain(value: object) -> str:
    """A value on one line: a sender's control characters must not reach a terminal."""
    text = ", ".join(map(plain, value)) if isinstance(value, list) else "" if value is None else str(value)
    return "".join("?" if unicodedata.category(sign).startswith("C") else sign for sign in text)
