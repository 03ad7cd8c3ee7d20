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
from smtpfax.config.values import AbsolutePathOrEmpty, Count, HttpUrl, Positive, matching

E164 = Annotated[str, matching(r"\+[1-9][0-9]{1,14}", 'must be a number such as "+12025550199"')]
Outcome = Annotated[str, matching(r".+", "must say what becomes of a call")]
AccountId = Annotated[str, matching(r"[A-Za-z0-9_-]+", "must be the account's id, as in the API's addresses")]


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
    offer_again: bool = False
    ca_file: AbsolutePathOrEmpty = ""


Backend = Annotated[Embedded | Kazoo, Field(discriminator="kind")]
KINDS: dict[str, type[Section]] = {"embedded": Embedded, "kazoo": Kazoo}
