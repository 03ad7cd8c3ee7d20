"""The one guarded HTTP client: bounds, no hidden retry, no redirect unasked, no private address but those named.

In:    a Request.
Out:   an Answer: the status, the headers and at most so many octets of body.
Fails: NotSent (nothing can have left), NoAnswer (it may have left, and no whole answer came).

Guarantee: a Request leaves once, or not at all.
"""

from .client import Egress
from .errors import Barred, EgressError, NoAnswer, NotSent, TooLong
from .guard import own_hosts
from .message import Answer, Json, Multipart, Part, Request
from .strangers import Places, Strangers

__all__ = [
    "Answer",
    "Barred",
    "Egress",
    "EgressError",
    "Json",
    "Multipart",
    "NoAnswer",
    "NotSent",
    "Part",
    "Places",
    "Request",
    "Strangers",
    "TooLong",
    "own_hosts",
]
