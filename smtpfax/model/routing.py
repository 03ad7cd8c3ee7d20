"""Which backend of a faxbox's list a job goes to.

In:    a job with what its last offer came to, and the faxbox's backends in order.
Out:   a backend's name, or None when the list is at its end.
Fails: never; pure.

Rule: the next backend is taken only while it is certain that the last one does not have the fax: it refused it for a
reason of its own, or took nothing because it is down. When all are down, the first one's turn comes again, later.
"""

from __future__ import annotations

from collections.abc import Sequence

from .cause import Cause
from .errors import Fault, Permanent
from .job import Job

HANDED_ON = frozenset({Cause.NO_ROUTE, Cause.REFUSED})  # reasons that another backend may not share


def backend_for(job: Job, backends: Sequence[str]) -> str | None:
    """Where the next offer goes."""
    if job.backend not in backends:
        return backends[0] if backends else None
    if job.cause in HANDED_ON:
        return after(job.backend, backends)
    if job.cause is Cause.BACKEND:
        return after(job.backend, backends) or backends[0]
    return job.backend


def handed_on(job: Job, fault: Fault, backends: Sequence[str]) -> bool:
    """Whether the next backend is asked at once."""
    passes = fault.cause in HANDED_ON if isinstance(fault, Permanent) else fault.cause is Cause.BACKEND
    return passes and bool(job.backend) and not job.cancel_asked and after(job.backend, backends) is not None


def after(backend: str, backends: Sequence[str]) -> str | None:
    """The one behind it in the list."""
    place = backends.index(backend) + 1 if backend in backends else 0
    return backends[place] if place < len(backends) else None
