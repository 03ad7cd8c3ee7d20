"""Where settings come from: the file, the environment, the command line; later ones win, key by key.

In:    a TOML file; variables `SMTPFAX_SECTION__KEY`; the command line's overrides, in the file's own shape
Out:   one merged table, and for each of its leaves where it came from
Fails: ConfigFault for a file that cannot be read or is not TOML, and for a variable set as a whole and in parts
Rule:  tables are merged, anything else is replaced; a secret reference counts as one value.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from smtpfax.config.faults import ConfigFault
from smtpfax.config.secrets import is_reference

PREFIX = "SMTPFAX_"
# Variables of ours that are no settings: where the file is, and that the tests run as a final check.
NOT_SETTINGS = frozenset({"SMTPFAX_CONFIG", "SMTPFAX_CI"})

Table = dict[str, Any]


def read_file(path: Path) -> Table:
    """The tables of a TOML file."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ConfigFault([(str(path), f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise ConfigFault([(str(path), f"is not UTF-8 text (octet {error.start})")]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigFault([_syntax_fault(path, str(error))]) from None


def _syntax_fault(path: Path, message: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message)
    if not found:
        return str(path), f"is not TOML: {message}"
    return f"{path}:{found[2]}", f"is not TOML: {found[1]} (column {found[3]})"


def read_environment(environ: Mapping[str, str], *, spoken_for: Set[str]) -> tuple[Table, dict[str, str]]:
    """The tables that the environment's variables make, and the variable of each dotted key.

    `spoken_for` are variables that hold secrets which the file refers to: those are no settings either.
    """
    tables: Table = {}
    names: dict[str, str] = {}
    for name in sorted(environ, key=lambda name: (name.count("__"), name)):
        if not name.startswith(PREFIX) or name in NOT_SETTINGS | spoken_for:
            continue
        path = name.removeprefix(PREFIX).lower().split("__")
        _put(tables, path, _decoded(environ[name]), name)
        names[".".join(path)] = name
    return tables, names


def _decoded(text: str) -> object:
    """Lists and tables are written as JSON; anything else, and what only looks like JSON, is a text."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value


def _put(tables: Table, path: list[str], value: object, name: str) -> None:
    table = tables
    for step in path[:-1]:
        table = table.setdefault(step, {})
        if not isinstance(table, dict):
            raise ConfigFault([(".".join(path), f"is set in part by {name} and as a whole by another variable")])
    table[path[-1]] = merged(table.get(path[-1]), value)


def merged(lower: object, upper: object) -> object:
    """`upper` over `lower`: tables key by key, anything else replaced."""
    if isinstance(lower, Mapping) and isinstance(upper, Mapping) and _is_table(lower) and _is_table(upper):
        return merged_tables(lower, upper)
    return upper


def merged_tables(lower: Mapping[str, object], upper: Mapping[str, object]) -> Table:
    """`upper` over `lower`, both tables."""
    return {**lower, **{key: merged(lower.get(key), value) for key, value in upper.items()}}


def leaves(value: object, prefix: str = "") -> Iterator[str]:
    """The dotted keys of all values in a table."""
    if not isinstance(value, Mapping) or (prefix and (not value or is_reference(value))):
        yield prefix
        return
    for key, item in value.items():
        yield from leaves(item, f"{prefix}.{key}" if prefix else str(key))


def variables_referred_to(value: object) -> Iterator[str]:
    """The NAMEs of all {env = "NAME"} in a table."""
    if isinstance(value, Mapping):
        if is_reference(value):
            yield from (name for way, name in value.items() if way == "env")
        for item in value.values():
            yield from variables_referred_to(item)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) and not is_reference(value)
