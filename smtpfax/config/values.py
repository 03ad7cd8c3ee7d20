"""The kinds of value a setting may have, beyond numbers and texts.

In:    text as an administrator writes it
Out:   values that say what they are: HostPort, StoreUrl are texts with parsed parts; networks are networks
Fails: ValueError with one plain sentence (pydantic makes it a fault of its key)
Rule:  parsed once, here; nobody cuts an address at a colon a second time.
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")


def is_domain(text: str) -> bool:
    """A host or domain name by its form: letters, digits and hyphens (RFC 1123 section 2.1), not an address literal."""
    labels = text.split(".")
    return len(text) <= 253 and all(LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()


def is_host(text: str) -> bool:
    """A domain name, or an IP address without brackets."""
    try:
        ip_address(text)
    except ValueError:
        return is_domain(text)
    return True


def split_host_port(text: str) -> tuple[str, int]:
    """`host:port` or `[v6]:port`; ValueError says what the form is."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+)):([0-9]{1,5})", text)
    if not found or not is_host(found[1] or found[2]) or int(found[3]) > 65535:
        raise ValueError(f'{text!r} must be "host:port" or "[v6 address]:port"')
    return found[1] or found[2], int(found[3])


class ParsedText(str):
    """A text that pydantic makes by calling the class, so that it is checked when it is made."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Take a text, then parse it; in JSON and in the schema it stays a text."""
        return core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(), serialization=core_schema.to_string_ser_schema()
        )


class HostPort(ParsedText):
    """A host and port to connect to: `mail.example.com:25`, `[::1]:25`."""

    __slots__ = ("host", "port")
    host: str
    port: int

    def __new__(cls, text: str) -> Self:
        """Parse `text`; ValueError when it is not a host and a port, or the port is 0."""
        made = super().__new__(cls, text)
        made.host, made.port = split_host_port(text)
        if not made.port:
            raise ValueError("the port must be between 1 and 65535")
        return made


class StoreUrl(ParsedText):
    """Where the store is: `sqlite:///absolute/path` (three slashes or four: the path is always absolute).

    SQLAlchemy reads three slashes as a path relative to the working directory; a daemon has no such directory to
    speak of. So the text kept is the four-slash form, which means the same to both, and `path` is the file.
    """

    __slots__ = ("path",)
    path: Path

    def __new__(cls, text: str) -> Self:
        """Parse `text`; ValueError when it names no file, or a database that this release does not speak to."""
        if text.startswith(("postgresql:", "postgresql+", "postgres:")):
            raise ValueError("PostgreSQL comes with a later release; this one keeps its store in SQLite")
        found = re.fullmatch(r"sqlite:///(/?[^/?:].*)", text)
        if not found or found[1].endswith("/"):
            raise ValueError('must be "sqlite:///path/of/the/file.db"; the path is absolute')
        path = Path("/" + found[1].lstrip("/"))
        made = super().__new__(cls, f"sqlite:///{path}")
        made.path = path
        return made


def _domain(text: str) -> str:
    if not is_domain(text):
        raise ValueError(f"{text!r} is not a domain name")
    return text


def _mail_address(text: str) -> str:
    local, _, domain = text.rpartition("@")
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    if not LOCAL_PART.fullmatch(local) or dots or not is_domain(domain):
        raise ValueError(f"{text!r} is not a mail address")
    return text


def _mail_address_or_empty(text: str) -> str:
    return _mail_address(text) if text else text


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if "@" in parts.netloc:  # said first, and without quoting it
        raise ValueError("must not carry a name or password; they have keys of their own")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f'{text!r} must be "https://host/path" (or http://), without a query')
    if not is_host(parts.hostname) or parts.port == 0:  # a port out of range raises ValueError by itself
        raise ValueError(f"{text!r} names no host that can be asked")
    return text.rstrip("/")


def _origin(text: str) -> str:
    """As browsers write it (RFC 6454 section 6.2): lower-cased, nothing behind host and port."""
    checked, parts = _http_url(text), urlsplit(text)
    default = {"http": 80, "https": 443}[parts.scheme]
    if parts.path.strip("/") or checked != checked.lower() or parts.port == default:
        raise ValueError(f'{text!r} must be "https://host" or "https://host:port", as a browser writes it')
    return checked


def _safe_url(text: str) -> str:
    checked, parts = _http_url(text), urlsplit(text)
    if parts.scheme != "https" and not _on_this_machine(parts.hostname or ""):
        raise ValueError("must be https: what is sent there is secret")
    return checked


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"  # RFC 6761 section 6.3


def _network(value: object) -> object:
    if isinstance(value, int):
        raise ValueError("must be a text")  # ip_network would take 10 for 0.0.0.10
    if not isinstance(value, str):
        return value
    try:
        return ip_network(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a network: write 192.0.2.0/24, 2001:db8::/32 or one address") from None


def matching(pattern: str, sentence: str) -> AfterValidator:
    """A validator for texts of one form; `sentence` says what the form is, for not everybody reads patterns."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} {sentence}")
        return text

    return AfterValidator(check)


def _absolute(path: Path) -> Path:
    if str(path).startswith("s3:/"):
        raise ValueError("object stores come with a later release; this one needs a folder of this host")
    if not path.is_absolute():
        raise ValueError(f"{str(path)!r} must be an absolute path")
    return path


def _absolute_or_empty(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError(f"{text!r} must be an absolute path")
    return text


def _not_a_boolean(value: object) -> object:
    # In lax mode pydantic takes true for 1; nobody means that.
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


Whole = Annotated[int, BeforeValidator(_not_a_boolean)]
Count = Annotated[Whole, Field(ge=0)]
Positive = Annotated[Whole, Field(ge=1)]
Domain = Annotated[str, AfterValidator(_domain)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
MailAddressOrEmpty = Annotated[str, AfterValidator(_mail_address_or_empty)]
Origin = Annotated[str, AfterValidator(_origin)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
SafeUrl = Annotated[str, AfterValidator(_safe_url)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network, json_schema_input_type=str)]
AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
Word = Annotated[str, matching(r"[A-Za-z0-9._-]*", "must be of letters, digits, dots, hyphens and underscores")]
AbsolutePathOrEmpty = Annotated[str, AfterValidator(_absolute_or_empty)]
