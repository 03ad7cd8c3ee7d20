"""Mail to postmaster@, passed on."""

import email
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest

from smtpfax.model.mail import Client
from smtpfax.notice.passon import pass_on
from tests.notice.cases import HEADER, MAIL, SITE

CONTENT = HEADER + b"\r\n.\r\nbody \xff\x00\r\nwithout an end"


def passed_on(client: Client = MAIL.client, content: bytes = CONTENT) -> bytes:
    return pass_on(content, mail=replace(MAIL, client=client), site=SITE)


def test_the_content_is_passed_on_as_it_is_below_one_trace_line() -> None:
    out = passed_on()
    assert out.endswith(CONTENT)
    assert out.removesuffix(CONTENT) == (
        b"Received: from mail.acme.example ([192.0.2.7])\r\n"
        b"\tby fax.example.com with ESMTPS id 0ks3f8m2;\r\n"
        b"\tSat, 21 Nov 2026 22:48:00 +0000\r\n"
    )


def test_nothing_of_it_is_resent_or_rewritten() -> None:
    before, after = email.message_from_bytes(CONTENT), email.message_from_bytes(passed_on())
    assert after.items()[1:] == before.items()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (ip_address("2001:db8::7"), b"([IPv6:2001:db8::7])"),
        (ip_address("192.0.2.7"), b"([192.0.2.7])"),
        (None, b"(local)"),
    ],
)
def test_it_says_where_the_mail_came_from(address: IPv4Address | IPv6Address | None, said: bytes) -> None:
    assert b"Received: from mx " + said in passed_on(Client(address=address, helo="mx"))


@pytest.mark.parametrize(
    ("client", "protocol"),
    [
        (Client(), b"with ESMTP id"),
        (Client(tls="TLSv1.3"), b"with ESMTPS id"),
        (Client(tls="TLSv1.3", user="ann"), b"with ESMTPSA id"),
    ],
)
def test_it_says_by_which_protocol(client: Client, protocol: bytes) -> None:
    assert protocol in passed_on(client)


@pytest.mark.parametrize("helo", ["a\r\nBcc: x@y", "\x00", "x" * 9000, "(((((", "é", "a;b", ""])
def test_no_client_name_adds_a_field(helo: str) -> None:
    out = passed_on(Client(helo=helo))
    header = email.message_from_bytes(out)
    assert header.keys() == ["Received", "From", "To", "Subject", "Message-ID"]
    assert max(map(len, out.splitlines())) < 200
    assert out.removesuffix(CONTENT).isascii()
