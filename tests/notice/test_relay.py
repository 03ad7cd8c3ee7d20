"""The way out, against mail servers that are real, and that misbehave."""

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiosmtplib
import pytest
import pytest_asyncio
from aiosmtpd import smtp
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.notice.relay import Relay, StartTls, Timeouts, fault_of, must_starttls, on_this_machine

MAIL = b"Subject: hello\r\n\r\n.a dot\r\nbody\r\n"
QUICK = Timeouts(connect=5, reply=0.2, whole=5, quit=0.2)


@dataclass
class FarSide:
    """A mail server's say: what it replies to each command, and what it took."""

    rcpt: str = "250 2.1.5 ok"
    data: str = "250 2.0.0 queued as 7"
    mail: str = ""
    silent: bool = False
    drops: bool = False
    taken: list[Envelope] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    going: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_MAIL(  # noqa: N802
        self, server: smtp.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from, envelope.mail_options = address, options
        self.options = [option.upper().partition("=")[0] for option in options]
        return self.mail or "250 2.1.0 ok"

    async def handle_RCPT(  # noqa: N802
        self, server: smtp.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: smtp.SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        self.secure.append(session.ssl is not None)
        if self.drops:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        if self.silent:
            await self.going.wait()
        return self.data


Open = Callable[..., Awaitable[Relay]]


@pytest_asyncio.fixture
async def far() -> AsyncIterator[FarSide]:
    yield FarSide()


@pytest_asyncio.fixture
async def relay_to(far: FarSide) -> AsyncIterator[Open]:
    """Open the far side, and give the relay that leads there."""
    servers: list[asyncio.Server] = []
    sessions: list[smtp.SMTP] = []

    async def opened(**settings: object) -> Relay:
        def protocol() -> smtp.SMTP:
            sessions.append(smtp.SMTP(far, hostname="relay.example", enable_SMTPUTF8=True, **settings))  # type: ignore[arg-type]
            return sessions[-1]

        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        return Relay(host="127.0.0.1", port=port, hostname="fax.example.com")

    yield opened
    far.going.set()
    for session in sessions:
        if isinstance(session.transport, asyncio.WriteTransport):
            with contextlib.suppress(AttributeError):  # of TLS that was closed twice, before Python 3.11.5
                session.transport.abort()
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that nobody has signed."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=relay.example", "-days", "2", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return cert, key


def tls_of(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


async def test_a_notice_leaves_with_the_null_reverse_path_and_the_relays_reply_is_kept(
    far: FarSide, relay_to: Open
) -> None:
    relay = await relay_to()
    assert await relay.send(MAIL, "ann@acme.example") == "2.0.0 queued as 7"
    [envelope] = far.taken
    assert envelope.mail_from == "<>"  # as aiosmtpd says it
    assert envelope.rcpt_tos == ["ann@acme.example"]
    assert envelope.original_content == MAIL
    assert far.options == ["SIZE"]


async def test_bytes_beyond_ascii_and_addresses_beyond_ascii_are_said_to_be_so(far: FarSide, relay_to: Open) -> None:
    relay = await relay_to()
    await relay.send(MAIL + b"\xff", "ann@acme.example")
    assert far.options == ["SIZE", "BODY"]
    await relay.send(MAIL, "\u00e5nn@acme.example")
    assert far.options == ["SIZE", "SMTPUTF8"]
    await relay.send(b"X: \xc3\xa9\r\n" + MAIL, '"+1 202"@acme.example')
    assert far.taken[-1].rcpt_tos == ['"+1 202"@acme.example']
    assert far.options == ["SIZE", "BODY", "SMTPUTF8"]


@pytest.mark.parametrize(
    ("says", "error", "status"),
    [
        ({"rcpt": "450 4.2.0 greylisted"}, Temporary, "4.4.0"),
        ({"rcpt": "530 5.7.0 authenticate first"}, Temporary, "4.4.0"),
        ({"rcpt": "550 5.1.1 no such user"}, Permanent, "5.0.0"),
        ({"data": "451 4.3.0 later"}, Temporary, "4.4.0"),
        ({"data": "554 5.7.1 looks like spam"}, Permanent, "5.0.0"),
        ({"mail": "451 4.3.2 busy"}, Temporary, "4.4.0"),
        ({"mail": "550 5.7.1 null reverse-path refused"}, Temporary, "4.4.0"),
        ({"mail": "552 5.3.4 too large"}, Permanent, "5.0.0"),
        ({"drops": True}, Temporary, "4.4.1"),
        ({"silent": True}, Temporary, "4.4.1"),
    ],
    ids=str,
)
async def test_what_the_relay_says_decides_whether_to_try_again(
    far: FarSide, relay_to: Open, says: dict[str, object], error: type[Fault], status: str
) -> None:
    for name, value in says.items():
        setattr(far, name, value)
    relay = replace(await relay_to(), timeouts=QUICK if far.silent else Timeouts())
    with pytest.raises(error) as caught:
        await relay.send(MAIL, "ann@acme.example")
    assert str(caught.value.status) == status
    reply = str(next(iter(says.values())))
    assert not reply[0].isdigit() or reply in caught.value.text


async def test_a_relay_that_is_not_there_is_tried_again(relay_to: Open) -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    relay = Relay(host="127.0.0.1", port=port, hostname="fax.example.com", timeouts=QUICK)
    with pytest.raises(Temporary):
        await relay.send(MAIL, "ann@acme.example")


@pytest.mark.parametrize(
    "greeting", [b"", b"421 4.3.2 too busy\r\n", b"554 5.3.2 no service here\r\n", b"\x00\xff\r\n"]
)
async def test_a_relay_that_greets_badly_or_never_is_tried_again(greeting: bytes) -> None:
    gone = asyncio.Event()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await reader.read()  # until the other side gives up
        writer.close()
        gone.set()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        quick = replace(QUICK, connect=0.2)
        relay = Relay(host="127.0.0.1", port=port, hostname="fax.example.com", timeouts=quick)
        with pytest.raises(Temporary):
            await relay.send(MAIL, "ann@acme.example")
        await gone.wait()


async def test_the_whole_of_it_is_bounded_in_time(far: FarSide, relay_to: Open) -> None:
    far.silent = True
    relay = await relay_to()
    with pytest.raises(Temporary):
        await replace(relay, timeouts=Timeouts(connect=9, reply=9, whole=0.2, quit=9)).send(MAIL, "ann@acme.example")


@pytest.mark.parametrize(
    "address",
    ["a b@acme.example", "ann@acme.example>\r\nRCPT TO:<eve@stranger.example", "a\x00@b", "Ann <ann@acme.example>"],
)
async def test_an_address_that_would_break_the_dialogue_never_reaches_it(
    far: FarSide, relay_to: Open, address: str
) -> None:
    relay = await relay_to()
    with pytest.raises(Permanent):
        await relay.send(MAIL, address)
    assert far.taken == []


async def test_tls_is_used_when_it_is_offered(far: FarSide, relay_to: Open, certificate: tuple[Path, Path]) -> None:
    relay = await relay_to(tls_context=tls_of(certificate))
    await relay.send(MAIL, "ann@acme.example")
    await replace(relay, starttls="never").send(MAIL, "ann@acme.example")
    assert far.secure == [True, False]


async def test_without_tls_nothing_leaves_when_it_is_always_wanted(far: FarSide, relay_to: Open) -> None:
    relay = replace(await relay_to(), starttls="always")
    with pytest.raises(Temporary):
        await relay.send(MAIL, "ann@acme.example")
    assert far.taken == []


async def test_a_certificate_that_nobody_signed_is_refused_beyond_this_machine(
    far: FarSide, relay_to: Open, certificate: tuple[Path, Path]
) -> None:
    # 0.0.0.0 leads to this machine as well, and is not loopback by its name.
    relay = replace(await relay_to(tls_context=tls_of(certificate)), host="0.0.0.0")
    with pytest.raises(Temporary, match=r"(?i)certificate"):
        await relay.send(MAIL, "ann@acme.example")
    assert far.taken == []


async def test_a_password_opens_the_relay_and_a_wrong_one_is_tried_again(
    far: FarSide, relay_to: Open, certificate: tuple[Path, Path]
) -> None:
    def right(_server: smtp.SMTP, _session: Session, _envelope: Envelope, _how: str, who: object) -> AuthResult:
        return AuthResult(success=isinstance(who, LoginPassword) and who.password == b"secret", handled=False)

    relay = await relay_to(tls_context=tls_of(certificate), authenticator=right, auth_required=True)
    await replace(relay, username="fax", password="secret").send(MAIL, "ann@acme.example")
    with pytest.raises(Temporary, match="535"):
        await replace(relay, username="fax", password="wrong").send(MAIL, "ann@acme.example")
    assert len(far.taken) == 1
    assert "secret" not in repr(replace(relay, password="secret"))


@pytest.mark.parametrize(
    ("host", "setting", "user", "must"),
    [
        ("127.0.0.1", "auto", "", None),
        ("127.0.0.1", "auto", "fax", None),
        ("relay.example", "auto", "", None),
        ("relay.example", "auto", "fax", True),
        ("relay.example", "always", "", True),
        ("relay.example", "never", "fax", False),
    ],
)
def test_a_password_asks_for_tls_beyond_this_machine(
    host: str, setting: StartTls, user: str, must: bool | None
) -> None:
    relay = Relay(host=host, port=25, hostname="fax.example.com", starttls=setting, username=user)
    assert must_starttls(relay) is must


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("LOCALHOST", True)]
    + [(host, False) for host in ("192.0.2.1", "relay.example", "localhost.example", "0.0.0.0", "", "::")],
)
def test_this_machine_is_its_loopback_and_nothing_else(host: str, here: bool) -> None:
    assert on_this_machine(host) is here


def test_a_relay_without_smtputf8_cannot_be_waited_for() -> None:
    assert isinstance(fault_of(aiosmtplib.SMTPNotSupported("SMTPUTF8 is not supported by this server")), Permanent)


def test_a_reply_of_many_lines_becomes_one_sentence() -> None:
    fault = fault_of(aiosmtplib.SMTPDataError(554, "5.7.1 no\nthank\r\nyou \x00" + "!" * 5000))
    assert fault.text.startswith("the mail relay refused the notice: 554 5.7.1 no thank you")
    assert len(fault.text) < 300
