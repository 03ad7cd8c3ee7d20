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
    inbox_seconds: float = 60
    faxbox: str = ""
    offer_again: bool = False
    ca_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RingCentralSettings:
    """`url` is the platform's, `media_url` where documents are downloaded; times are seconds.

    `~` stands for the account or the extension that the JWT belongs to; an administrator's application names others.
    """

    url: str
    media_url: str
    client_id: str
    client_secret: str = field(repr=False)
    jwt: str = field(repr=False)
    account_id: str = "~"
    extension_id: str = "~"
    encoding: Literal["form-json", "form-fields", "mixed", "mixed-base64"] = "form-json"
    document: Literal["pdf", "tiff"] = "pdf"
    iso_code: str = ""
    resend: bool = True
    webhook: bool = False
    poll_seconds: float = 15
    inbox_seconds: float = 60
    faxbox: str = ""
    max_bytes: int = 50_000_000
    max_pages: int = 200
    max_mail_bytes: int = 0
    request_seconds: float = 300
    ca_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxOutSettings:
    """`username` is <number>[*<extension>] with the country code."""

    url: str
    username: str
    password: str = field(repr=False)
    document: Literal["pdf", "tiff"] = "pdf"
    max_bytes: int = 20_000_000
    max_pages: int = 200
    max_mail_bytes: int = 0
    request_seconds: float = 300
    offer_again: bool = False
    ca_file: str = ""


BackendSettings = EmbeddedSettings | KazooSettings | RingCentralSettings | FaxOutSettings
