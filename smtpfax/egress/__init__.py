"""The one guarded HTTP client: bounds, no hidden retry, no redirect, no private address but a backend's own host.

In:    a Request.
Out:   an Answer: the status, the headers and at most so many octets of body.
Fails: NotSent (nothing can have left), NoAnswer (it may have left, and no whole answer came).

Guarantee: a Request leaves once, or not at all.
"""

from .client import Egress
from .errors import EgressError, NoAnswer, NotSent
from .guard import own_hosts
from .message import Answer, Json, Multipart, Part, Request

__all__ = [
    "Answer",
    "Egress",
    "EgressError",
    "Json",
    "Multipart",
    "NoAnswer",
    "NotSent",
    "Part",
    "Request",
    "own_hosts",
]
