"""Secrets by reference: the configuration names where a secret lies, and never needs to hold one.

In:    a plain text, or {credential = "name"}, {file = "/path"} or {env = "NAME"}
Out:   pydantic's SecretStr, which shows itself to nobody by accident: repr, dumps and logs print stars
Fails: ValueError with one plain sentence, which never quotes the secret
Rule:  one newline at the end of a file is the editor's, not the secret's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr, WithJsonSchema

WAYS = ("credential", "file", "env")

# A validator is handed a value and nothing else, so load() leaves the environment it was given here meanwhile.
_environment: ContextVar[Mapping[str, str]] = ContextVar("environment")


@contextmanager
def looking_in(environ: Mapping[str, str]) -> Iterator[None]:
    """Resolve references in this environment for as long as the context lasts."""
    token = _environment.set(environ)
    try:
        yield
    finally:
        _environment.reset(token)


def is_reference(value: object) -> bool:
    """Whether a value is of the form {way = "place"}: such a table is one value, and is never merged with another."""
    return (
        isinstance(value, Mapping)
        and len(value) == 1
        and next(iter(value)) in WAYS
        and isinstance(next(iter(value.values())), str)
    )


def _looked_in() -> Mapping[str, str]:
    return _environment.get({})


def _resolve(value: Any) -> object:
    if not isinstance(value, Mapping):
        return value
    if not is_reference(value):
        raise ValueError('must be a text, {credential = "name"}, {file = "/path"} or {env = "NAME"}')
    ((way, place),) = value.items()
    return _from_variable(place) if way == "env" else _from_file(_path(way, place))


def _from_variable(name: str) -> str:
    try:
        return _looked_in()[name]
    except KeyError:
        raise ValueError(f"the environment variable {name} is not set") from None


def _path(way: str, place: str) -> Path:
    if way == "file":
        return Path(place)
    folder = _looked_in().get("CREDENTIALS_DIRECTORY")
    if folder is None:
        raise ValueError(
            f"the credential {place!r} needs LoadCredential= of systemd ($CREDENTIALS_DIRECTORY is not set)"
        )
    if "/" in place or place in ("", ".", ".."):
        raise ValueError(f"{place!r} is not the name of a credential")
    return Path(folder) / place


def _from_file(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text") from None
    return text.removesuffix("\n").removesuffix("\r")


Secret = Annotated[
    SecretStr,
    BeforeValidator(_resolve),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                *(
                    {"type": "object", "properties": {way: {"type": "string"}}, "required": [way], "maxProperties": 1}
                    for way in WAYS
                ),
            ]
        }
    ),
]
