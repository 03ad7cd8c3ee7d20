"""The log: one line an event, in Postfix's habit or as JSON, safe to read and to grep.

In:    an event's words, the id it belongs to, and fields:  log.info("offered", id="4kX2mQ9pZ-1", backend="kazoo")
Out:   `dispatch 4kX2mQ9pZ-1: offered backend=kazoo`, or {"time": ..., "room": "dispatch", "id": ..., ...}
Fails: never: a value that cannot be shown is shown as its type
Rule:  one event is one line whatever its values hold (no forged lines); secrets never appear; numbers are masked
       when the setting says so. The standard library's logging carries it, so that what the libraries say ends up
       in the same place and form.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

ROOT = "smtpfax"
# These tell every command and request at INFO; our own log says what became of them.
TALKATIVE = (
    "mail.log", "aiosqlite", "asyncio", "aiohttp.access", "aiohttp.server", "alembic", "weasyprint", "fontTools", "PIL",
)  # fmt: skip
SECRET_KEY = re.compile(r"password|passwd|secret|token|api_?key|authorization|cookie|credential", re.IGNORECASE)
SECRET_TEXT = re.compile(r"(?i)(\b(?:bearer|basic)\s+|://[^/\s:@]+:|\bsfx_[a-z0-9]+_)[^\s@\"',]+")
NUMBER = re.compile(r"(?<![\w.+])(?:\+\d(?:[ ()./-]{0,2}\d){6,14}|\d{7,15})(?![\w.])")
BARE = re.compile(r"[^\s\"=]+")

Shown = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Log:
    """One room's voice. `event` is what happened, in the words of the method it happened in."""

    logger: logging.Logger

    def debug(self, event: str, *, id: str = "", **fields: object) -> None:
        """Tell what only a developer wants to know."""
        self._say(logging.DEBUG, event, id, fields)

    def info(self, event: str, *, id: str = "", **fields: object) -> None:
        """Tell what happened as it should."""
        self._say(logging.INFO, event, id, fields)

    def warning(self, event: str, *, id: str = "", **fields: object) -> None:
        """Tell what an administrator should look at some day."""
        self._say(logging.WARNING, event, id, fields)

    def error(self, event: str, *, id: str = "", **fields: object) -> None:
        """Tell what an administrator should look at now."""
        self._say(logging.ERROR, event, id, fields)

    def exception(self, event: str, *, id: str = "", **fields: object) -> None:
        """Tell of the exception that is being handled: an error, with its traceback as one field."""
        self._say(logging.ERROR, event, id, {**fields, "trace": "".join(traceback.format_exception(sys.exception()))})

    def _say(self, level: int, event: str, id: str, fields: Mapping[str, object]) -> None:
        self.logger.log(level, "%s", event, extra={"smtpfax_id": id, "smtpfax_fields": fields}, stacklevel=3)


def get(name: str) -> Log:
    """The voice of a room."""
    return Log(logging.getLogger(f"{ROOT}.{name}"))


def setup(
    level: str = "info",
    fmt: str = "text",
    mask_numbers: bool = False,
    stream: TextIO | None = None,
    *,
    stamp: bool = False,
) -> None:
    """Send everything to `stream` (standard error) in one form; may be called again, with other settings.

    `stamp` puts the time before each text line, for where nobody else does (the journal does; JSON always has it).
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines(as_json=fmt == "json", mask_numbers=mask_numbers, stamp=stamp))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.root.level))


class Lines(logging.Formatter):
    """A record becomes one line."""

    def __init__(self, *, as_json: bool, mask_numbers: bool, stamp: bool) -> None:
        super().__init__()
        self.as_json = as_json
        self.mask_numbers = mask_numbers
        self.stamp = stamp

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head: dict[str, Shown] = {
            "time": time,
            "level": record.levelname.lower(),
            "room": record.name.removeprefix(f"{ROOT}."),
            "id": getattr(record, "smtpfax_id", ""),
            "event": self._clean("", record.getMessage()),
        }
        fields = {key: self._clean(key, value) for key, value in _fields(record).items()}
        if self.as_json:
            return json.dumps(head | {f"{key}_" if key in head else key: value for key, value in fields.items()})
        stamp = f"{time} " if self.stamp else ""
        loud = f"{head['level']}: " if record.levelno >= logging.WARNING else ""
        words = [one_line(head["event"]), *(f"{key}={_quoted(value)}" for key, value in fields.items())]
        return stamp + one_line(f"{head['room']} {head['id']}").rstrip() + f": {loud}{' '.join(words)}"

    def _clean(self, key: str, value: object) -> Shown:
        """A value that may be shown: secrets starred, numbers masked."""
        if SECRET_KEY.search(key):
            return "***"
        if value is None or isinstance(value, bool | int | float):
            return value
        text = SECRET_TEXT.sub(r"\1***", _text(value))
        return NUMBER.sub(_masked, text) if self.mask_numbers else text


def one_line(value: Shown) -> str:
    """A text without control, formatting or lone surrogate characters: those are written as escapes."""
    text = str(value)
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(char if char.isprintable() and char != "\\" else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a value's own fault must not silence the event that carries it
        return f"<{type(value).__name__}>"


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    fields: Mapping[str, object] = getattr(record, "smtpfax_fields", {})
    if record.exc_info and record.exc_info[1]:  # a library's record
        return {**fields, "trace": "".join(traceback.format_exception(record.exc_info[1]))}
    return fields


def _quoted(value: Shown) -> str:
    """A field's value: bare where it can stand so, else in quotes, so that a line can be cut at its spaces."""
    if value is None or isinstance(value, bool):
        return "-" if value is None else "yes" if value else "no"
    text = one_line(value)
    return text if BARE.fullmatch(text) else '"' + text.replace('"', '\\"') + '"'


def _masked(found: re.Match[str]) -> str:
    """Country and the last two digits stay, so that an administrator can still tell two jobs apart."""
    digits = re.sub(r"\D", "", found[0])
    plus = "+" if found[0].startswith("+") else ""
    return f"{plus}{digits[:2]}{'x' * (len(digits) - 4)}{digits[-2:]}"
