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
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TextIO

ROOT = "smtpfax"
# These tell every command and request at INFO; our own log says what became of them.
TALKATIVE = (
    "mail.log", "aiosqlite", "asyncio", "aiohttp.access", "aiohttp.server", "alembic", "weasyprint", "fontTools", "PIL",
)  # fmt: skip
SECRET_KEY = re.compile(r"password|passwd|secret|token|api_?key|authorization|cookie|credential", re.IGNORECASE)
SECRET_TEXT = re.compile(
    r"(?i)(\b(?:bearer|basic)\s+"
    r"|://(?!\[[\w:.%]*\])[^/\s:@]+:(?!\d{1,5}(?:[/\s\"',]|$)(?!\S{0,200}@))"  # a password, if it is no port
    r"|\bsfx_[a-z0-9]+_)[^\s@\"',]+"
)
NUMBER = re.compile(r"(?<![\w.+])(?:\+\d(?:[ ()./-]{0,2}\d){6,14}|\d{7,15})(?![\w.])")
BARE = re.compile(r"[^\s\"=]+")
PLAIN = re.compile(r"[!#-<>-\[\]-~]+")
_PREFIX = f"{ROOT}."

MOMENT = 0.02  # seconds
MOST_LINES = 10_000  # of a moment; whoever says more waits for the reader of the log

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
        logger = self.logger
        if logger.isEnabledFor(level):
            if level == logging.INFO and _short_cut(logger.name, event, id, fields):
                return
            # Not Logger.log: where in the code it was said stands in no line of ours, and costs more than the line.
            record = logging.LogRecord(logger.name, level, "", 0, event, None, None)
            record.smtpfax_id, record.smtpfax_fields = id, fields
            logger.handle(record)


def _short_cut(name: str, event: str, id: str, fields: Mapping[str, object]) -> bool:
    """Write a line as `Lines` would, where it is sure that it would be so; whether it was."""
    handlers = logging.root.handlers
    handler = handlers[0] if len(handlers) == 1 else None
    if not isinstance(handler, Together) or not handler.plain:
        return False
    words = [f"{name.removeprefix(_PREFIX)} {id}: {event}" if id else f"{name.removeprefix(_PREFIX)}: {event}"]
    if not words[0].isprintable() or _may_hide(words[0]):
        return False
    for key, value in fields.items():
        word = f"{key}={value}" if type(value) is int else _word(key, value if type(value) is str else _text(value))
        if not word or value is None or value is True or value is False:
            return False
        words.append(word)
    handler.tell(" ".join(words))
    return True


@lru_cache(maxsize=2048)
def _word(key: str, text: str) -> str:
    """A field as it stands in a line, for the same are told again and again; empty, where it may not stand so."""
    word = f"{key}={text}"
    safe = PLAIN.fullmatch(text) and word.isprintable() and not (_is_secret(key) or _may_hide(word))
    return word if safe else ""


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
    together: bool = False,
) -> None:
    """Send everything to `stream` (standard error) in one form; may be called again, with other settings.

    `stamp` puts the time before each text line, for where nobody else does (the journal does; JSON always has it).
    `together` writes what is said within a moment in one piece.
    """
    # What no line of ours shows need not be found out for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = Together(stream) if together else logging.StreamHandler(stream)
    if isinstance(handler, Together):
        handler.plain = fmt != "json" and not mask_numbers and not stamp
    handler.setFormatter(Lines(as_json=fmt == "json", mask_numbers=mask_numbers, stamp=stamp))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.root.level))


class Together(logging.StreamHandler[TextIO]):
    """Lines within a moment are one write; a warning is written at once, with all that was said before it."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream)
        self._lines: list[str] = []
        self._some = threading.Event()
        self.written = threading.Event()  # once anything was
        self._over = False
        self.plain = False  # lines need no more than their words
        threading.Thread(target=self._write, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line; logging holds the handler's lock meanwhile."""
        try:
            self._lines.append(self.format(record))
        except Exception:  # noqa: BLE001 - as in every handler: what cannot be told must not break who tells it
            self.handleError(record)
        self._ring(at_once=record.levelno >= logging.WARNING)

    def tell(self, line: str) -> None:
        """A line that is made already, of what went as it should."""
        self._lines.append(line)
        self._ring(at_once=False)

    def _ring(self, *, at_once: bool) -> None:
        if at_once or len(self._lines) > MOST_LINES:
            self.flush()
        elif not self._some.is_set():
            self._some.set()

    def flush(self) -> None:
        """Write what is kept, in order."""
        with self.lock or nullcontext():
            lines, self._lines = self._lines, []
            if lines:
                self.stream.write("\n".join(lines) + "\n")
            super().flush()

    def close(self) -> None:
        """The last lines; then its thread ends."""
        self.flush()
        super().close()
        self._over = True
        self._some.set()

    def _write(self) -> None:
        while not self._over:
            self._some.wait()
            time.sleep(MOMENT)
            self._some.clear()
            self.flush()
            self.written.set()


class Lines(logging.Formatter):
    """A record becomes one line."""

    def __init__(self, *, as_json: bool, mask_numbers: bool, stamp: bool) -> None:
        super().__init__()
        self.as_json = as_json
        self.mask_numbers = mask_numbers
        self.stamp = stamp

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        room, id = record.name.removeprefix(f"{ROOT}."), getattr(record, "smtpfax_id", "")
        event = self._clean("", record.getMessage())
        fields = {key: self._clean(key, value) for key, value in _fields(record).items()}
        if self.as_json:
            head = {"time": _when(record), "level": record.levelname.lower(), "room": room, "id": id, "event": event}
            return json.dumps(head | {f"{key}_" if key in head else key: value for key, value in fields.items()})
        stamp = f"{_when(record)} " if self.stamp else ""
        loud = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        words = " ".join([one_line(event), *[f"{key}={_quoted(value)}" for key, value in fields.items()]])
        return f"{stamp}{one_line(f'{room} {id}' if id else room)}: {loud}{words}"

    def _clean(self, key: str, value: object) -> Shown:
        """A value that may be shown: secrets starred, numbers masked."""
        if _is_secret(key):
            return "***"
        if value is None or isinstance(value, (bool, int, float)):
            return value
        text = _text(value)
        if _may_hide(text):
            text = SECRET_TEXT.sub(r"\1***", text)
        return NUMBER.sub(_masked, text) if self.mask_numbers else text


def _may_hide(text: str) -> bool:
    """Whether it may have a secret in it: a quick look, which nothing that SECRET_TEXT finds escapes."""
    lower = text.casefold()
    return "bearer" in lower or "basic" in lower or "://" in lower or "sfx_" in lower


@lru_cache(maxsize=256)
def _is_secret(key: str) -> bool:
    return SECRET_KEY.search(key) is not None


def _when(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
