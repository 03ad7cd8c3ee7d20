"""What is told of a recipient that brought no mail: a row of the SMTP log, a line of our own, a count.

In:    a transaction, the ruling on one recipient, and our reply.
Out:   an Attempt, kept within a second.
Fails: never.
"""

from __future__ import annotations

from smtpfax import logs
from smtpfax.model.attempt import Outcome
from smtpfax.model.status import Reply

from .desk import Desk
from .policy import Ruling
from .taking import Transaction, attempt_of

log = logs.get("smtpd")


def note(desk: Desk, facts: Transaction, ruling: Ruling | None, reply: Reply, outcome: Outcome | None = None) -> None:
    """Tell of one recipient; without a ruling, of a transaction that had none."""
    attempt = attempt_of(facts, ruling, reply, id=desk.ids(), at=desk.clock(), outcome=outcome)
    desk.store.attempts.add(attempt)
    desk.meter.count("smtpfax_policy_decisions_total", outcome=attempt.outcome, status=str(reply.status))
    log.info(
        attempt.outcome,
        id=attempt.id,
        client=facts.client,
        **{"from": f"<{facts.raw_from.strip('<>')}>"},
        to=f"<{attempt.to}>",
        reply=reply,
        reason=attempt.reason,
    )
