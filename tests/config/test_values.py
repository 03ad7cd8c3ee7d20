"""Values with a form of their own: what is read from the text, and what is refused."""

import copy
import pickle
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import pytest

from smtpfax.config import HostPort, Inherited, Listen, Settings, StoreUrl, Tcp, Unix, load


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("127.0.0.1:2525", Tcp(host="127.0.0.1", port=2525)),
        ("[::1]:25", Tcp(host="::1", port=25)),
        ("localhost:0", Tcp(host="localhost", port=0)),
        ("0.0.0.0:25", Tcp(host="0.0.0.0", port=25)),
        ("unix:/run/smtpfax/smtp.sock", Unix(path=Path("/run/smtpfax/smtp.sock"))),
        ("fd:smtp", Inherited(name="smtp")),
    ],
)
def test_a_place_to_listen_is_parsed_once(text: str, where: object) -> None:
    assert Listen(text).where == where
    assert Listen(text) == text


def test_a_place_may_ask_for_tls_from_the_first_octet() -> None:
    place = Listen("tls://[::1]:465")
    assert (place.where, place.tls) == (Tcp(host="::1", port=465), True)
    assert not Listen("[::1]:465").tls


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":25",
        "25",
        "::1:25",
        "tls://",
        "tls:127.0.0.1:25",
        "tls://tls://127.0.0.1:25",
        "[::1]",
        "[127.0.0.1:25",
        "host:",
        "host:-1",
        "a b:25",
        "unix:",
        "fd:",
        "fd:a b",
    ],
)
def test_a_place_of_no_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        Listen(text)


@pytest.mark.parametrize("parsed", [Listen("[::1]:25"), HostPort("mail.example.com:587"), StoreUrl("sqlite:///x.db")])
def test_a_copy_keeps_its_parts(parsed: Listen | HostPort | StoreUrl) -> None:
    for twin in (copy.deepcopy(parsed), pickle.loads(pickle.dumps(parsed))):
        assert twin == parsed
        assert all(getattr(twin, part) == getattr(parsed, part) for part in type(parsed).__slots__)


def test_a_relay_is_a_host_and_a_port() -> None:
    relay = HostPort("[2001:db8::1]:587")
    assert (relay.host, relay.port) == ("2001:db8::1", 587)


@pytest.mark.parametrize("text", ["sqlite:///var/lib/smtpfax.db", "sqlite:////var/lib/smtpfax.db"])
def test_the_store_s_path_is_absolute_with_three_slashes_or_four(text: str) -> None:
    url = StoreUrl(text)
    assert url.path == Path("/var/lib/smtpfax.db")
    assert url == "sqlite:////var/lib/smtpfax.db"


@pytest.mark.parametrize(
    "text", ["", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:////x/", "/x.db", "file:///x"]
)
def test_a_store_that_is_no_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        StoreUrl(text)


def test_networks_are_networks() -> None:
    networks = ["192.0.2.0/24", "192.0.2.1", "2001:db8::/32"]
    smtp = load(None, {"smtp": {"trusted_networks": networks}}, {}).smtp
    assert smtp.trusted_networks == (
        IPv4Network("192.0.2.0/24"),
        IPv4Network("192.0.2.1/32"),
        IPv6Network("2001:db8::/32"),
    )


@pytest.mark.parametrize("name", ["localhost", "fax.example.com", "a-b.example", "xn--bcher-kva.example", "1.example"])
def test_a_domain_name_is_taken(name: str) -> None:
    assert load(None, {"hostname": name}, {}).hostname == name


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", "-a.example", "a-.example", "a b", "[192.0.2.1]", "a." * 127 + "a", "é"]
)
def test_what_is_no_domain_name_is_refused(name: str) -> None:
    with pytest.raises(Exception, match="is not a domain name"):
        load(None, {"hostname": name}, {})


@pytest.mark.parametrize("address", ["ann", "@example.com", "ann@", ".a@b.example", "a..b@c.example", "a b@c.example"])
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    with pytest.raises(Exception, match="is not a mail address"):
        load(None, {"notices": {"from": address}}, {})


@pytest.mark.parametrize("address", ["ann@example.com", "a.b+c@d.example", "fax@localhost"])
def test_a_mail_address_is_taken(address: str) -> None:
    assert load(None, {"notices": {"from": address}}, {}).notices.from_address == address


def test_the_public_address_ends_without_a_slash() -> None:
    settings = load(None, {"http": {"public_url": "https://fax.example.com/"}}, {})
    assert settings.http.public_url == "https://fax.example.com"


@pytest.mark.parametrize(
    "url",
    [
        "fax.example.com",
        "ftp://x",
        "https://",
        "https://x?y=1",
        "https://x#y",
        "https://a:b@x",
        "http://x:70000",
        "http://x y",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Exception, match=r"http\.public_url: "):
        load(None, {"http": {"public_url": url}}, {})


def test_a_site_is_named_as_browsers_write_it() -> None:
    named = ["https://portal.example.com", "http://localhost:3000"]
    assert load(None, {"http": {"cors_origins": named}}, {}).http.cors_origins == tuple(named)


@pytest.mark.parametrize(
    "origin", ["*", "portal.example.com", "https://Portal.example.com", "https://x.example/a", "https://x.example:443"]
)
def test_what_no_browser_would_write_is_refused(origin: str) -> None:
    with pytest.raises(Exception, match=r"http\.cors_origins"):
        load(None, {"http": {"cors_origins": [origin]}}, {})


def test_the_defaults_are_themselves_checked() -> None:
    assert Settings().smtp.listen[0].where == Tcp(host="127.0.0.1", port=2525)
