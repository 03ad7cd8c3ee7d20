"""How a fax stands, from Kazoo's record of it.

In:    the record of `outgoing/{id}` or `outbox/{id}`, and the time.
Out:   Progress.
Fails: never.

Rule: `tx_result` has two spellings, the documented one and the one that is written (facts, section 4.3); both are
read. What is not known to be over is not over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from smtpfax.model.backend import Broken, Done, Progress, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.event import Transmission

from .envelope import Record, count, text, when

# A conversion that failed leaves its fax in this state for ever: its limits are 180 s, and 25 s to store the result.
STUCK_AFTER = timedelta(minutes=30)
_ATTACHING = frozenset({"attaching_files", "attaching files"})
_COMPLETED = frozenset({"completed", "complete"})
_PAGE = re.compile(r"\bpage (\d{1,5}) of \d", re.IGNORECASE)

# ITU-T Q.850 causes in FreeSWITCH's words.
CAUSES: Mapping[str, Cause] = MappingProxyType(
    {
        "USER_BUSY": Cause.BUSY,
        "NO_ANSWER": Cause.NO_ANSWER,
        "NO_USER_RESPONSE": Cause.NO_ANSWER,
        "SUBSCRIBER_ABSENT": Cause.NO_ANSWER,
        "ALLOTTED_TIMEOUT": Cause.NO_ANSWER,
        "PROGRESS_TIMEOUT": Cause.NO_ANSWER,
        "ORIGINATOR_CANCEL": Cause.NO_ANSWER,
        "UNALLOCATED_NUMBER": Cause.UNALLOCATED,
        "INVALID_NUMBER_FORMAT": Cause.UNALLOCATED,
        "NUMBER_CHANGED": Cause.UNALLOCATED,
        "NO_ROUTE_DESTINATION": Cause.NO_ROUTE,
        "NO_ROUTE_TRANSIT_NET": Cause.NO_ROUTE,
        "OUTGOING_CALL_BARRED": Cause.NO_ROUTE,
        "BEARERCAPABILITY_NOTAUTH": Cause.NO_ROUTE,
        "INCOMPATIBLE_DESTINATION": Cause.NOT_A_FAX,
        "BEARERCAPABILITY_NOTIMPL": Cause.NOT_A_FAX,
        "DESTINATION_OUT_OF_ORDER": Cause.LINE,
        "NETWORK_OUT_OF_ORDER": Cause.LINE,
        "NORMAL_CIRCUIT_CONGESTION": Cause.LINE,
        "NORMAL_TEMPORARY_FAILURE": Cause.LINE,
        "SWITCH_CONGESTION": Cause.LINE,
        "RECOVERY_ON_TIMER_EXPIRE": Cause.LINE,
        "MEDIA_TIMEOUT": Cause.LINE,
        "INTERWORKING": Cause.LINE,
        "GATEWAY_DOWN": Cause.BACKEND,
        "SERVICE_UNAVAILABLE": Cause.BACKEND,
    }
)
# Where the cause says nothing (NORMAL_CLEARING, or none at all), Kazoo's and spandsp's own words do.
_WORDS: tuple[tuple[re.Pattern[str], Cause], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), cause)
    for pattern, cause in (
        (r"invalid (fax )?cid number|bad file|invalid file", Cause.REFUSED),
        (r"invalid number", Cause.NO_ROUTE),
        (r"timed out - originate", Cause.NO_ANSWER),
        (r"timed out - negotiate|initial communication|first message|not compatible", Cause.NOT_A_FAX),
        (r"timed out - page|dropped|carrier lost|permitted retries|unexpected message", Cause.LINE),
        (r"no available resources", Cause.BACKEND),
        (r"\bbusy\b", Cause.BUSY),
        (r"no answer", Cause.NO_ANSWER),
    )
)


def progress_of(record: Record, *, at: datetime) -> Progress:
    """What the record says."""
    result = _result(record)
    status = status_of(record)
    if status in _COMPLETED or (not status and _yes(result.get("success"))):
        return Done(transmission=_transmission(result))
    if status == "failed" or (not status and "success" in result):
        return _broken(result)
    if status in _ATTACHING and _stuck(record, at):
        return Broken(cause=Cause.UNKNOWN, text="Kazoo could not take the document in")
    page = _PAGE.search(status)
    return Sending(pages_sent=int(page[1]) if page else 0, text=status)


def status_of(record: Record) -> str:
    """Where it stands, under any of the three names."""
    aside = record.get("_read_only")
    nested = aside.get("status") if isinstance(aside, dict) else None
    return next(filter(None, map(text, (record.get("status"), record.get("pvt_job_status"), nested))), "")


def created_of(record: Record) -> datetime | None:
    """When Kazoo made it."""
    aside = record.get("_read_only")
    nested = aside.get("created") if isinstance(aside, dict) else None
    return next(filter(None, map(when, (record.get("created"), record.get("pvt_created"), nested))), None)


def _result(record: Record) -> Record:
    result = record.get("tx_result")
    return result if isinstance(result, dict) else {}


def _stuck(record: Record, at: datetime) -> bool:
    created = created_of(record)
    return created is not None and at - created > STUCK_AFTER


def _transmission(result: Record) -> Transmission:
    def first(*names: str) -> object:
        return next((result[name] for name in names if result.get(name)), None)

    return Transmission(
        pages_sent=count(first("transferred_pages", "pages_sent"), most=10_000),
        seconds=count(result.get("time_elapsed")),
        station=text(first("remote_station_id", "fax_receiver_id")),
        rate=count(first("transfer_rate", "fax_speed")),
        text=text(first("result_text", "error_message")),
    )


def _broken(result: Record) -> Broken:
    transmission = _transmission(result)
    cause = text(result.get("result_cause")).upper()
    told = "; ".join(filter(None, (transmission.text, cause)))
    return Broken(cause=CAUSES.get(cause) or _by_words(transmission.text), text=told, transmission=transmission)


def _by_words(words: str) -> Cause:
    return next((cause for pattern, cause in _WORDS if pattern.search(words)), Cause.UNKNOWN)


def _yes(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.lower() in ("true", "1"))
