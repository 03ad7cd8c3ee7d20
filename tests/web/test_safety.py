"""Origins, proxies and tokens: pure rules."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from smtpfax.web.safety import (
    client_address,
    cookie_name,
    form_token,
    from_our_pages,
    is_form_token,
    local_path,
    new_secret,
)

HERE = "https://fax.example"
PROXIES = (ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"Origin": "https://fax.example"}, True),
        ({"Origin": "https://inner.example:8025"}, True),  # the name that the browser asked for
        ({"Origin": "http://fax.example"}, False),
        ({"Origin": "https://fax.example.evil.example"}, False),
        ({"Origin": "https://fax.example", "Sec-Fetch-Site": "cross-site"}, True),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({}, False),
    ],
)
def test_a_form_is_ours_when_the_browser_says_so(headers: dict[str, str], ours: bool) -> None:
    assert from_our_pages(headers, host="inner.example:8025", public_url=f"{HERE}/") is ours


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["203.0.113.9"], "192.0.2.7"),  # whoever is no proxy of ours says nothing
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.66, 203.0.113.9"], "203.0.113.9"),  # what the client made up stands further left
        ("127.0.0.1", ["198.51.100.66", "203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9, junk"], "127.0.0.1"),
        ("", ["203.0.113.9"], None),
        (None, [], None),
    ],
)
def test_the_client_is_the_nearest_hop_that_is_no_proxy_of_ours(
    remote: str | None, forwarded: list[str], client: str | None
) -> None:
    assert client_address(remote, forwarded, PROXIES) == (ip_address(client) if client else None)


def test_a_long_chain_of_proxies_costs_little() -> None:
    chain = ", ".join(["10.0.0.1"] * 10_000)
    assert client_address("127.0.0.1", [f"203.0.113.9, {chain}"], PROXIES) == ip_address("10.0.0.1")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/log?outcome=refused", "/log?outcome=refused"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/log\r\nSet-Cookie: x=y", "/"),
        ("/" + "x" * 600, "/"),
        ("", "/"),
    ],
)
def test_a_path_is_one_of_ours_or_the_first_page(text: str, path: str) -> None:
    assert local_path(text) == path


def test_a_forms_token_is_of_one_secret() -> None:
    mine, other = new_secret(), new_secret()
    assert mine != other
    assert is_form_token(form_token(mine), mine)
    assert not is_form_token(form_token(mine), other)
    assert not is_form_token("", mine)
    assert not is_form_token("é", mine)
    assert mine not in form_token(mine)


def test_with_tls_the_cookie_is_of_this_host_alone() -> None:
    assert cookie_name(True) == "__Host-smtpfax"
    assert cookie_name(False) == "smtpfax"
