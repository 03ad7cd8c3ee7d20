"""Which backend of a faxbox's list a job goes to.

In:    a job with what its last offer came to, and the faxbox's backends in order.
Out:   a backend's name, or None when the list is at its end.
Fails: never; pure.

Rule: the next backend is taken only while it is certain that the last one does not have the fax.
"""

from __future__ import annotations

from collections.abc import Sequence

from .cause import Cause
from .job import Job

HANDED_ON = frozenset({Cause.NO_ROUTE, Cause.REFUSED})  # reasons that another backend may not share


def backend_for(job: Job, backends: Sequence[str]) -> str | None:
    """Where the next offer goes."""
    if job.backend not in backends:
        return backends[0] if backends else None
    if job.cause in HANDED_ON:
        return after(job.backend, backends)
    return job.backend


def after(backend: str, backends: Sequence[str]) -> str | None:
    """The one behind it in the list."""
    place = backends.index(backend) + 1 if backend in backends else 0
    return backends[place] if place < len(backends) else None
