"""The sections of the configuration: every key, its type and its default.

In:    tables as load() merged them
Out:   frozen models, one a section; `config.example.toml` gives the reason of each default
Fails: pydantic's ValidationError, which load() turns into ConfigFault
Rule:  sizes are in octets, times in the unit of the key's last word; 0 stands for "none" only where the key says so.
"""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from smtpfax.config.places import Listen, Places, PlainPlaces
from smtpfax.config.secrets import Secret
from smtpfax.config.values import (
    AbsolutePath,
    AbsolutePathOrEmpty,
    Count,
    HostPort,
    HttpUrl,
    MailAddress,
    MailAddressOrEmpty,
    Network,
    Origin,
    Positive,
    StoreUrl,
    Word,
)


class Section(BaseModel):
    """A table of the configuration: frozen, and a key it does not know is a fault."""

    # A default is checked like any other value; a secret's value is never part of an error.
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)


class Smtp(Section):
    """The SMTP door."""

    listen: Places = (Listen("127.0.0.1:2525"),)
    max_message_bytes: Positive = 36700160
    tls_certificate: AbsolutePathOrEmpty = ""
    tls_key: AbsolutePathOrEmpty = ""
    trusted_networks: tuple[Network, ...] = ()
    relays: tuple[Network, ...] = ()
    proxy_networks: tuple[Network, ...] = ()
    postmaster: MailAddressOrEmpty = ""
    authserv_id: Word = ""
    verdict_seconds: Count = 10
    max_recipients: Positive = 100
    max_sessions: Positive = 500
    max_sessions_per_client: Positive = 20
    max_mails_per_session: Positive = 1000
    max_arriving_bytes: Positive = 1073741824
    command_seconds: Positive = 300
    session_seconds: Positive = 3600
    data_seconds: Positive = 1800
    min_data_rate: Count = 500
    max_line_bytes: Annotated[Positive, Field(ge=1000)] = 65536  # RFC 5321 section 4.5.3.1.6: no less than 1000
    max_errors: Positive = 10
    max_idle_commands: Positive = 100
    inline_bytes: Count = 262144
    duplicate_hours: Positive = 48
    hold_days: Annotated[Count, Field(le=3650)] = 30
    drain_seconds: Count = 30

    @model_validator(mode="after")
    def _tls_has_a_certificate(self) -> Self:
        if not self.tls_certificate and (self.tls_key or any(place.tls for place in self.listen)):
            raise ValueError("tls_certificate must be set where tls_key is, or where listen has a tls:// entry")
        return self

    @model_validator(mode="after")
    def _a_mail_fits(self) -> Self:
        if self.max_arriving_bytes < self.max_message_bytes:
            raise ValueError("max_arriving_bytes must not be less than max_message_bytes: no mail of that size fits")
        if self.session_seconds < self.data_seconds:
            raise ValueError("session_seconds must not be less than data_seconds: no mail may last as long")
        return self


class Http(Section):
    """The HTTP door."""

    listen: PlainPlaces = (Listen("127.0.0.1:8025"),)
    public_url: HttpUrl = "http://127.0.0.1:8025"
    max_body_bytes: Positive = 36700160
    page_size: Positive = 50
    max_page_size: Positive = 1000
    administrators: tuple[MailAddress, ...] = ()
    requests_per_minute: Count = 600
    requests_at_once: Positive = 200
    cors_origins: tuple[Origin, ...] = ()
    session_hours: Positive = 12
    proxies: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))

    @model_validator(mode="after")
    def _a_page_is_within_its_bound(self) -> Self:
        if self.page_size > self.max_page_size:
            raise ValueError("page_size must not be more than max_page_size")
        return self


class Admin(Section):
    """The door for the command line."""

    socket: AbsolutePath = Path("/run/smtpfax/admin.sock")


class Store(Section):
    """Where the rows are."""

    url: StoreUrl = StoreUrl("sqlite:///var/lib/smtpfax/smtpfax.db")
    busy_seconds: Positive = 5


class Spool(Section):
    """Where large content and documents are."""

    path: AbsolutePath = Path("/var/lib/smtpfax/spool")
    min_free_bytes: Count = 104857600


class Sandbox(Section):
    """The worker processes that parse and render."""

    workers: Count = 0
    memory_bytes: Annotated[Positive, Field(ge=67108864)] = 1073741824
    cpu_seconds: Positive = 60
    wall_seconds: Positive = 60
    recycle_after: Positive = 200
    bubblewrap: Literal["auto", "always", "never"] = "auto"


class Office(Section):
    """LibreOffice, for the files of office programs."""

    enabled: Literal["auto", "always", "never"] = "auto"
    workers: Positive = 1
    seconds: Positive = 60
    cpu_seconds: Positive = 20
    recycle_after: Positive = 100
    memory_bytes: Annotated[Positive, Field(ge=1 << 30)] = 2147483648


class Render(Section):
    """What a mail may ask of the renderer."""

    coding: Literal["group3", "group3_2d", "group4"] = "group4"
    max_pages: Positive = 200
    max_parts: Positive = 100
    max_depth: Positive = 20
    max_header_bytes: Annotated[Positive, Field(ge=1000)] = 131072
    max_pixels: Positive = 100_000_000
    max_text_bytes: Positive = 1_000_000


class Queue(Section):
    """How jobs are worked on, and for how long."""

    workers: Count = 8  # 0: this process takes mail, and works on none
    poll_seconds: Positive = 5
    lease_seconds: Annotated[Positive, Field(ge=30)] = 300
    expiry_hours: Positive = 24
    accepted_hours: Positive = 6
    in_doubt_grace_seconds: Count = 60
    one_call_per_number: bool = True


class Notices(Section):
    """How notices leave. The key `from` is called from_address here, for `from` is a word of Python's."""

    model_config = ConfigDict(populate_by_name=True)

    enabled: bool = True
    relay: HostPort = HostPort("127.0.0.1:25")
    from_address: MailAddress = Field(default="fax@localhost", alias="from")
    starttls: Literal["auto", "always", "never"] = "auto"
    username: str = ""
    password: Secret = SecretStr("")
    delay_notice_hours: Positive = 4
    give_up_hours: Positive = 120

    @model_validator(mode="after")
    def _a_password_has_a_name(self) -> Self:
        if bool(self.username) != bool(self.password.get_secret_value()):
            raise ValueError("username and password go together: set both or none")
        return self


class Egress(Section):
    """Addresses that an order names: documents to fetch, webhooks to call."""

    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = (80, 443)
    private: tuple[HostPort, ...] = ()
    redirects: Annotated[Count, Field(le=10)] = 3
    document_seconds: Positive = 30


class Webhooks(Section):
    """How a job's end is told to programs."""

    secret: Secret = SecretStr("")
    seconds: Positive = 10
    give_up_hours: Positive = 24


class Retention(Section):
    """How long things are kept."""

    attempts_days: Positive = 400
    strangers_days: Positive = 14
    strangers_per_client_per_day: Positive = 1000
    jobs_days: Positive = 90


class Alerts(Section):
    """What an administrator is told of by mail."""

    send_to: tuple[MailAddress, ...] = ()
    every_seconds: Positive = 300
    queue_minutes: Positive = 120
    free_bytes: Count = 1073741824


class Log(Section):
    """How the log is written."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"
    mask_numbers: bool = False
