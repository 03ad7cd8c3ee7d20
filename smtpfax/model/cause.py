"""Why a try ended as it did.

In:    what a backend, a converter or we ourselves said.
Out:   one of these words; `schedule` knows when to try again after each.
Fails: never.
"""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """The field's causes of failure, ours and those of ITU-T T.30 calls, one word each."""

    BUSY = "busy"  # the far line is engaged
    NO_ANSWER = "no_answer"  # it rang, nobody took the call
    NOT_A_FAX = "not_a_fax"  # a voice, or silence: no T.30 answer
    PARTIAL = "partial"  # some pages went, then the call broke
    LINE = "line"  # a poor or a broken line before the first page
    NO_ROUTE = "no_route"  # nobody has this number, or nobody may call it
    UNALLOCATED = "unallocated"  # the telephone network says that there is no such number
    BACKEND = "backend"  # the fax service is down, busy or answers nonsense: no call was placed
    REFUSED = "refused"  # the fax service refuses this document, number or account
    DOCUMENT = "document"  # the mail's parts cannot become a document
    CONVERTER = "converter"  # a converter crashed or ran over its limits
    IN_DOUBT = "in_doubt"  # it may have been sent, nobody can say
    CAP = "cap"  # more pages than may be sent from here in an hour or a day
    EXPIRED = "expired"  # its time is over
    OURS = "ours"  # disk, database, a bug
    UNKNOWN = "unknown"  # the fax service failed for a reason that we do not know
