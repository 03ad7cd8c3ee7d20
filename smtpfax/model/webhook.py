"""A program that is called when a job has ended: Kazoo's `callback`.

In:    what an order names, or else its faxbox (`notifications.outbound.callback`).
Out:   Webhook.
Fails: never.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where, and how."""

    url: str
    method: str = "post"  # or put
    type: str = "json"  # or www-url-form-encoded
