"""Load: the sources, merged and checked, become Settings, or a list of everything that is wrong with them.

In:    the file's path or None, the command line's overrides, the environment
Out:   Settings
Fails: ConfigFault with a line for every fault, in the administrator's words: the key, what is wrong, what it may be
Rule:  an unknown key refuses start, wherever it came from.
"""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from smtpfax.config.backends import KINDS
from smtpfax.config.faults import ConfigFault
from smtpfax.config.secrets import looking_in
from smtpfax.config.sections import Admin
from smtpfax.config.settings import Settings
from smtpfax.config.sources import Table, leaves, merged_tables, read_environment, read_file, variables_referred_to

Origins = dict[str, str]  # where each value came from, by its dotted key

# pydantic's kinds of error that an administrator can cause, in plain words; {} are filled from the error's context.
SENTENCES = {
    "missing": "must be set",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text",
    "path_type": "must be a text",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "greater_than_equal": "must be {ge} or more",
    "literal_error": "must be {expected}",
    "union_tag_not_found": "must be set, to one of: {kinds}",
    "union_tag_invalid": "must be one of: {kinds}",
    "value_error": "{error}",
}


def load(
    path: Path | None,
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The configuration of `path` (None: no file), under the environment, under `overrides` (nested like the file).

    `environ` stands for the process's environment; give an empty one to read nothing of it.
    """
    environ = os.environ if environ is None else environ
    return _checked(*_given(path, overrides or {}, environ), environ)


def load_admin(path: Path | None, environ: Mapping[str, str] | None = None) -> Admin:
    """Where the daemon has its admin door: who knocks there needs none of its secrets, and may not have them."""
    environ = os.environ if environ is None else environ
    table, origins = _given(path, {}, environ)
    return _checked({key: table[key] for key in table.keys() & {"admin"}}, origins, environ).admin


def _given(path: Path | None, overrides: Mapping[str, object], environ: Mapping[str, str]) -> tuple[Table, Origins]:
    in_file = read_file(path) if path else {}
    given = merged_tables(in_file, overrides)
    in_environment, variables = read_environment(environ, spoken_for=set(variables_referred_to(given)))
    origins = dict.fromkeys(leaves(in_file), f"file {path}")
    origins |= {key: f"environment {_variable(key, variables)}" for key in leaves(in_environment)}
    origins |= dict.fromkeys(leaves(overrides), "command line")
    return merged_tables(merged_tables(in_file, in_environment), overrides), origins


def _variable(key: str, variables: Mapping[str, str]) -> str:
    """The variable that set a key: its own, or that of a table around it."""
    while key not in variables and "." in key:
        key = key.rpartition(".")[0]
    return variables.get(key, "")


def _checked(table: Table, origins: Origins, environ: Mapping[str, str]) -> Settings:
    try:
        with looking_in(environ):
            settings = Settings(**table)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise ConfigFault(_fault(detail, origins) for detail in details) from None
    settings.remember(origins)
    return settings


def _fault(detail: ErrorDetails, origins: Mapping[str, str]) -> tuple[str, str]:
    key = _key(detail)
    source, _, variable = origins.get(key, "").partition(" ")
    if source != "environment":
        return key, _reason(detail)
    json_hint = ', written as JSON: ["a", "b"]' if detail["type"] == "tuple_type" else ""
    return key, f"{_reason(detail)}{json_hint} (from {variable})"


def _key(detail: ErrorDetails) -> str:
    steps = [str(step) for step in detail["loc"]]
    if detail["type"].startswith("union_tag"):
        steps.append("kind")
    elif steps[0] == "backends" and len(steps) > 2:
        del steps[2]  # pydantic names the kind there, or says that the name is at fault
    return ".".join(step for step in steps if step != "[key]")


def _reason(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return _unknown(detail)
    sentence = SENTENCES.get(detail["type"])
    if sentence is None:
        return detail["msg"]
    return sentence.format(**{**detail.get("ctx", {}), "kinds": ", ".join(sorted(KINDS))})


def _unknown(detail: ErrorDetails) -> str:
    *around, last = (str(step) for step in detail["loc"])
    near = get_close_matches(last, _keys_in(around), n=1)
    return f"unknown key; did you mean {near[0]}?" if near else "unknown key"


def _keys_in(around: list[str]) -> list[str]:
    match around:
        case ["backends", _, kind]:
            return _keys(KINDS[kind])
        case [section]:
            return _keys(type(getattr(Settings(), section)))
        case _:
            return _keys(Settings)


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
