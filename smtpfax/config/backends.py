"""The backends a configuration may name: one model a kind.

In:    a table `[backends.NAME]` with its `kind`
Out:   that kind's frozen model
Fails: pydantic's ValidationError, which load() turns into ConfigFault
Rule:  a new kind is a model here, with a `kind` of its own, and its name in `Backend`; nothing else changes.
"""

from typing import Annotated, Literal

from pydantic import Field

from smtpfax.config.secrets import Secret
from smtpfax.config.sections import Section
from smtpfax.config.values import AbsolutePathOrEmpty, Count, HttpUrl, Positive, SafeUrl, matching

E164 = Annotated[str, matching(r"\+[1-9][0-9]{1,14}", 'must be a number such as "+12025550199"')]
Outcome = Annotated[str, matching(r".+", "must say what becomes of a call")]
AccountId = Annotated[str, matching(r"[A-Za-z0-9_-]+", "must be the account's id, as in the API's addresses")]

ClientId = Annotated[str, matching(r"[!-~]+", "must be the id of the application")]
Extension = Annotated[str, matching(r"~|[0-9]+", 'must be the id in digits, or "~" for that of the JWT')]
IsoCode = Annotated[str, matching(r"([A-Z]{2})?", "must be a country's two letters, such as US, or empty")]
Home = Annotated[str, matching(r"([a-z0-9_-]+/[a-z0-9_-]+)?", 'must be "<account>/<faxbox>" or empty')]
Username = Annotated[str, matching(r"[0-9]+(\*[0-9]+)?", "must be <number>[*<extension>], with the country code")]


class Embedded(Section):
    """A fax exchange on this host: a number of a faxbox here receives the fax; a table rehearses other outcomes."""

    kind: Literal["embedded"] = "embedded"
    numbers: dict[E164, Outcome] = Field(default_factory=dict)
    seconds_per_page: Annotated[float, Field(ge=0)] = 0.0
    max_pages: Positive = 200
    max_bytes: Positive = 36700160
    max_mail_bytes: Count = 0


class Kazoo(Section):
    """The Faxes API of a Kazoo cluster."""

    kind: Literal["kazoo"] = "kazoo"
    url: HttpUrl
    account_id: AccountId
    api_key: Secret
    upload: Literal["multipart", "url"] = "multipart"
    poll_seconds: Positive = 15
    max_bytes: Positive = 8000000
    max_mail_bytes: Count = 0
    request_seconds: Positive = 120
    inbox_seconds: Count = 60
    faxbox: Home = ""
    offer_again: bool = False
    ca_file: AbsolutePathOrEmpty = ""


class RingCentral(Section):
    """RingCentral's REST API."""

    kind: Literal["ringcentral"] = "ringcentral"
    url: SafeUrl = "https://platform.ringcentral.com"
    media_url: SafeUrl = "https://media.ringcentral.com"
    client_id: ClientId
    client_secret: Secret
    jwt: Secret
    account_id: Extension = "~"
    extension_id: Extension = "~"
    encoding: Literal["form-json", "form-fields", "mixed", "mixed-base64"] = "form-json"
    document: Literal["pdf", "tiff"] = "pdf"
    iso_code: IsoCode = ""
    resend: bool = True
    webhook: bool = False
    poll_seconds: Positive = 15
    inbox_seconds: Count = 60
    faxbox: Home = ""
    max_bytes: Positive = 50000000
    max_pages: Positive = 200
    max_mail_bytes: Count = 0
    request_seconds: Positive = 300
    ca_file: AbsolutePathOrEmpty = ""


class FaxOut(Section):
    """RingCentral's older Send Fax Web API, and whoever speaks its form."""

    kind: Literal["faxout"] = "faxout"
    url: SafeUrl = "https://service.ringcentral.com/faxapi.asp"
    username: Username
    password: Secret
    document: Literal["pdf", "tiff"] = "pdf"
    max_bytes: Positive = 20000000
    max_pages: Positive = 200
    max_mail_bytes: Count = 0
    request_seconds: Positive = 300
    offer_again: bool = False
    ca_file: AbsolutePathOrEmpty = ""


Backend = Annotated[Embedded | Kazoo | RingCentral | FaxOut, Field(discriminator="kind")]
KINDS: dict[str, type[Section]] = {
    "embedded": Embedded,
    "kazoo": Kazoo,
    "ringcentral": RingCentral,
    "faxout": FaxOut,
}
