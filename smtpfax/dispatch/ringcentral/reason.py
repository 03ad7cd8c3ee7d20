"""Why a fax failed, asked for where the list does not say it.

In:    a message that failed.
Out:   the reason.
Fails: Temporary, when nobody answers; then the fax is asked about again later.

Rule: the message by itself has the code (`to[].faxErrorCode`); where it has none, the call log's `result` says it. The
call log is of the Heavy group, which faxes need too, so it is asked once a fax.
"""

from __future__ import annotations

from datetime import timedelta

from .client import Client
from .codes import Reason, of_code, of_result
from .limiter import Group
from .listing import iso
from .message import Message, message_of
from .reading import Record, digits, number, objects, text

_AROUND = timedelta(minutes=5)
_LASTS = timedelta(hours=6)


async def reason_of(client: Client, message: Message) -> Reason:
    """Ask the message, then the call log."""
    record = await client.get(f"{client.extension}/message-store/{message.id}")
    alone = message_of(record)
    if alone is not None and alone.code:
        return of_code(alone.code)
    return of_result(await _result(client, message))


async def _result(client: Client, message: Message) -> str:
    if message.created is None:
        return ""
    query = [
        ("type", "Fax"),
        ("direction", "Outbound"),
        ("dateFrom", iso(message.created - _AROUND)),
        ("dateTo", iso(message.created + _LASTS)),
        ("perPage", "250"),
    ]
    record = await client.get(f"{client.extension}/call-log", query, group=Group.HEAVY)
    calls = objects(record.get("records"))
    ours = [call for call in calls if _message_id(call) == message.id]
    like = ours or [call for call in calls if not _message_id(call) and _called(call) == message.to]
    return text(like[0].get("result")) if len(like) == 1 or ours else ""


def _message_id(call: Record) -> int:
    message = call.get("message")
    return number(message.get("id")) if isinstance(message, dict) else 0


def _called(call: Record) -> str:
    to = call.get("to")
    return digits(to.get("phoneNumber")) if isinstance(to, dict) else ""
