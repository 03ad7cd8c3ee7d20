"""The SMTP log as Kazoo's `smtplog` tells it, with what Kazoo never wrote down.

In:    an attempt, and the job it became.
Out:   JSON values: a line of the list, and the detail.
Fails: never.

Rule: `error` stands only where something went wrong, because Kazoo's own pages read a line without it as success.
"""

from __future__ import annotations

from smtpfax.model.attempt import Attempt
from smtpfax.model.event import Failed, PartNote, Rendered
from smtpfax.model.job import State
from smtpfax.model.mail import Client

from .answers_log import AttemptDetail, AttemptRow, ClientTold, KazoosAttempt, OurAttempt, PartsTold, PartTold
from .envelope import gregorian
from .present import History, history_json, rfc3339


def attempt_row(attempt: Attempt, state: State | None, text: str = "") -> AttemptRow:
    """A line of the list; `text` is what the job's state has to say."""
    error = _error(attempt, state, text)
    row: AttemptRow = {
        "id": attempt.id,
        "from": _from(attempt),
        "to": attempt.to.lower(),
        "created": gregorian(attempt.created),
        "outcome": attempt.outcome.value,
        "reply": str(attempt.reply),
        "account_id": attempt.account_id,
        "faxbox_id": attempt.faxbox_id,
        "job_id": attempt.job_id,
        "state": state.value if state else "",
        "created_at": rfc3339(attempt.created),
    }
    return {**row, "error": error} if error else row


def attempt_detail(attempt: Attempt, state: State | None, text: str = "", history: History = ()) -> AttemptDetail:
    """The whole story."""
    row = attempt_row(attempt, state, text)
    return {**row, **_kazoo(attempt, row.get("error", ""), history), **_ours(attempt), **_parts_json(history)}


def _from(attempt: Attempt) -> str:
    return attempt.raw_from if attempt.reverse_path is None else attempt.reverse_path.key


def _error(attempt: Attempt, state: State | None, text: str) -> str:
    if not attempt.reply.ok:
        return attempt.reply.text
    return text if state is State.FAILED else ""


def _kazoo(attempt: Attempt, error: str, history: History) -> KazoosAttempt:
    chosen = next((part for part in parts_of(history) if not part.left_out), None)
    return {
        "original_number": attempt.original_number,
        "translated_number": attempt.translated_number,
        "faxbox_domain": attempt.faxbox_domain,
        "faxbox_owner_id": attempt.faxbox_owner,
        "faxbox_owner_email": attempt.faxbox_owner,
        "content_type": chosen.kind if chosen else "",
        "filename": chosen.name if chosen else "",
        "errors": [error] if error else [],
        "faxdoc_id": attempt.job_id,
    }


def _ours(attempt: Attempt) -> OurAttempt:
    return {
        "mail_id": attempt.mail_id,
        "client": client_json(attempt.client),
        "proofs": [{"proof": f.proof.value, "holds": f.holds, "reason": f.reason} for f in attempt.client.proofs],
        "reason": attempt.reason,
        "enhanced_status": str(attempt.reply.status or ""),
        "code": attempt.reply.code,
        "message_id": attempt.header.message_id,
        "subject": attempt.header.subject,
        "header_from": attempt.header.from_,
        "octets": attempt.octets,
    }


def client_json(client: Client) -> ClientTold:
    """Who connected."""
    address = str(client.address) if client.address else ""
    return {"address": address, "helo": client.helo, "tls": client.tls, "cipher": client.cipher, "user": client.user}


def parts_of(history: History) -> tuple[PartNote, ...]:
    """The parts of the mail, as the last rendering saw them."""
    seen = [event.parts for event, _ in history if isinstance(event, Rendered | Failed) and event.parts]
    return seen[-1] if seen else ()


def _parts_json(history: History) -> PartsTold:
    parts = parts_of(history)
    return {
        "parts": [{**_part(part), "pages": part.pages} for part in parts if not part.left_out],
        "left_out": [{**_part(part), "reason": part.left_out} for part in parts if part.left_out],
        "history": history_json(history),
    }


def _part(part: PartNote) -> PartTold:
    return {"path": part.path, "name": part.name, "kind": part.kind, "octets": part.octets}
