"""What each kind of backend wants to know before it begins; config has the same keys.

In:    a section `[backends.NAME]`, already checked for shape.
Out:   frozen values.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedSettings:
    """`numbers` rehearses: an E.164 number, and a word of `rehearsal` for what becomes of its calls."""

    numbers: Mapping[str, str] = field(default_factory=dict)
    seconds_per_page: float = 0.0
    max_pages: int = 200
    max_bytes: int = 36_700_160
    max_mail_bytes: int = 0  # 0: the door's own bound


@dataclass(frozen=True, slots=True, kw_only=True)
class KazooSettings:
    """`url` ends with the version, such as https://api.example.com:8443/v2; times are seconds."""

    url: str
    account_id: str
    api_key: str = field(repr=False)
    upload: Literal["multipart", "url"] = "multipart"
    poll_seconds: float = 15
    max_bytes: int = 8_000_000
    max_mail_bytes: int = 0
    request_seconds: float = 120
    offer_again: bool = False
    ca_file: str = ""


BackendSettings = EmbeddedSettings | KazooSettings
