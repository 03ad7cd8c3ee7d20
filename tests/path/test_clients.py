"""Real mail clients deliver a two-page PDF to a real daemon; the fax, the log and the notice are looked at."""

from __future__ import annotations

import asyncio
import shutil
import smtplib
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from smtpfax.testing import sample_mail, sample_pdf
from tests.path.daemon import DOMAIN, NUMBER, PAGES, SENDER, Daemon, daemon, pdf, run, until
from tests.render.header_reader import lines_of

TO = f"{NUMBER}@{DOMAIN}"


def needs(*programs: str) -> pytest.MarkDecorator:
    """Without them this machine cannot tell."""
    missing = [program for program in programs if shutil.which(program, path="/usr/sbin:/usr/bin:/bin") is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


async def by_swaks(here: Daemon, folder: Path) -> None:
    """As an administrator tries a mail server."""
    server = ("--server", f"127.0.0.1:{here.smtp}")
    attach = ("--attach-type", "application/pdf", "--attach", f"@{pdf(folder)}")
    # swaks takes a leading + for an option of its own; RFC 3192 section 2 has the form that it takes.
    await run("swaks", *server, "--from", SENDER, "--to", f"FAX={TO}", "--header", "Subject: by swaks", *attach)


async def by_curl(here: Daemon, folder: Path) -> None:
    """As a script does."""
    mail = sample_mail(sender=SENDER, to=TO, subject="by curl", pdf=sample_pdf(PAGES))
    path = folder / "mail.eml"
    path.write_bytes(mail.as_bytes())
    options = ("--crlf", "--mail-from", SENDER, "--mail-rcpt", TO, "--upload-file", str(path))
    await run("curl", "--silent", "--show-error", "--url", f"smtp://127.0.0.1:{here.smtp}", *options)


async def by_smtplib(here: Daemon, folder: Path) -> None:
    """As a program does."""

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", here.smtp) as client:
            client.send_message(sample_mail(sender=SENDER, to=TO, subject="by smtplib", pdf=sample_pdf(PAGES)))

    await asyncio.to_thread(send)


async def by_postfix(here: Daemon, folder: Path) -> None:
    """As the mail server in front of us does, with a queue and a configuration of its own."""
    # Postfix gives up root, and then must still find its way to its folders.
    with TemporaryDirectory(prefix="smtpfax-postfix-") as place:
        await run("chmod", "755", place)
        await through_postfix(here, Path(place))


async def through_postfix(
    here: Daemon, folder: Path, *, port: int = 0, more: str = "smtp_tls_security_level = none"
) -> None:
    """One mail, until it is in our log."""
    rows = len(await _rows(here))
    etc, queue, data = folder / "postfix", folder / "queue", folder / "data"
    for place in (etc, queue, data):
        place.mkdir()
    shutil.chown(data, "postfix")
    (etc / "main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\n"
        f"myhostname = mail.acme.example\nmydestination =\ninet_interfaces = loopback-only\ninet_protocols = ipv4\n"
        f"relayhost = [127.0.0.1]:{port or here.smtp}\nsmtp_host_lookup = native\n"
        f"maillog_file = {folder / 'postfix.log'}\nmaillog_file_prefixes = {folder}\n"
        f"alias_maps =\nalias_database =\n{more}\n"
    )
    (etc / "master.cf").write_text(
        "pickup unix n - n 1 1 pickup\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 1 1 qmgr\n"
        "rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n"
        "trace unix - - n - 0 bounce\nsmtp unix - - n - - smtp\nerror unix - - n - - error\n"
        "tlsmgr unix - - n 1000? 1 tlsmgr\nscache unix - - n - 1 scache\n"
        "proxymap unix - - n - - proxymap\npostlog unix-dgram n - n - 1 postlogd\n"
    )
    mail = sample_mail(sender=SENDER, to=TO, subject=f"by Postfix {port}", pdf=sample_pdf(PAGES))

    async def arrived() -> bool:
        return len(await _rows(here)) > rows

    env = {"MAIL_CONFIG": str(etc), "PATH": "/usr/sbin:/usr/bin:/bin"}
    await run("/usr/sbin/postfix", "-c", str(etc), "start", env=env)
    try:
        await run("/usr/sbin/sendmail", "-C", str(etc), "-f", SENDER, TO, stdin=mail.as_bytes(), env=env)
        await until(arrived, seconds=40)
    finally:
        await run("/usr/sbin/postfix", "-c", str(etc), "stop", env=env)


async def _rows(here: Daemon) -> list[dict[str, Any]]:
    return list((await here.get("/v2/smtplog"))["data"])


CLIENTS = [
    pytest.param(by_swaks, marks=needs("swaks"), id="swaks"),
    pytest.param(by_curl, marks=needs("curl"), id="curl"),
    pytest.param(by_smtplib, id="smtplib"),
    pytest.param(by_postfix, marks=needs("postfix", "sendmail"), id="postfix"),
]


@pytest.mark.parametrize("deliver", CLIENTS)
async def test_a_mail_with_a_two_page_pdf_becomes_a_fax_of_two_pages(deliver: Any, tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        await deliver(here, tmp_path)
        [row] = await _rows(here)
        assert (row["outcome"], row["from"]) == ("taken", SENDER)
        assert row["to"].removeprefix("fax=") == TO
        await here.ends(row["job_id"])
        detail = (await here.get(f"/v2/accounts/acme/faxes/smtplog/{row['id']}"))["data"]
        assert detail["state"] == "sent"
        assert detail["client"]["address"] == "127.0.0.1"
        assert [part["kind"] for part in detail["parts"]] == ["application/pdf"]
        words = [event["event"] for event in detail["history"]]
        assert words == ["rendered", "offered", "accepted", *words[3:-1], "sent"]
        await looks_like_a_fax(here, tmp_path)
        [notice] = await here.told(1)
        assert notice["To"] == SENDER
        assert notice["Subject"].startswith(f"Fax sent to {NUMBER}")
        assert notice.get_content_type() == "multipart/report"


async def looks_like_a_fax(here: Daemon, folder: Path) -> None:
    """What the far side received, as libtiff sees it."""
    [fax] = (await here.get("/v2/accounts/acme/faxes/inbox"))["data"]
    path = f"/v2/accounts/acme/faxes/inbox/{fax['id']}/attachment"
    tiff = folder / "received.tif"
    tiff.write_bytes(await here.fetch(path, Accept="image/tiff"))
    told = await run("tiffinfo", str(tiff))
    assert told.count("TIFF Directory at") == len(PAGES)
    assert told.count("Compression Scheme: CCITT Group 4") == len(PAGES)
    assert told.count("Image Width: 1728") == len(PAGES)
    assert told.count("Resolution: 204, 196 pixels/inch") == len(PAGES)
    assert [line[-len("page 1 of 2") :] for line in lines_of(tiff.read_bytes())] == ["page 1 of 2", "page 2 of 2"]
    assert (await here.fetch(path, Accept="application/pdf")).startswith(b"%PDF-")


async def test_three_attachments_in_one_mail_are_one_fax_in_their_order(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = SENDER, TO, "three"
        for count in (1, 2, 3):
            content = sample_pdf([[f"document {count}"]] * count)
            mail.add_attachment(content, maintype="application", subtype="pdf", filename=f"{count}.pdf")
        await asyncio.to_thread(_send, here, mail)
        [row] = await _rows(here)
        await here.ends(row["job_id"])
        detail = (await here.get(f"/v2/smtplog/{row['id']}"))["data"]
        assert [(part["name"], part["pages"]) for part in detail["parts"]] == [("1.pdf", 1), ("2.pdf", 2), ("3.pdf", 3)]


async def test_the_same_mail_twice_is_one_fax_and_another_mail_is_another(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        mail = sample_mail(sender=SENDER, to=TO, subject="twice", pdf=sample_pdf(PAGES))
        first = await asyncio.to_thread(_send, here, mail)
        again = await asyncio.to_thread(_send, here, mail)
        assert first == again
        other = sample_mail(sender=SENDER, to=TO, subject="other", pdf=sample_pdf(PAGES))
        assert await asyncio.to_thread(_send, here, other) != first
        rows = await _rows(here)
        assert [row["outcome"] for row in rows] == ["taken"] * 3
        assert len({row["job_id"] for row in rows}) == 2
        for row in rows:
            await here.ends(row["job_id"])
        assert len((await here.get("/v2/accounts/acme/faxes/inbox"))["data"]) == 2


def _send(here: Daemon, mail: EmailMessage) -> str:
    with smtplib.SMTP("127.0.0.1", here.smtp) as client:
        client.ehlo("x")
        client.mail(SENDER)
        client.rcpt(TO)
        code, text = client.data(mail.as_bytes().replace(b"\n", b"\r\n"))
        assert code == 250, text
        return text.decode()


ENCRYPTED = "encrypted"
REFUSALS = [
    pytest.param(b"Subject: x\r\n\r\n", "554 5.6.0", "nothing to fax", id="nothing"),
    pytest.param(
        b"Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4 but nothing else\r\n",
        "554 5.6.0",
        "a.pdf cannot be read",
        id="damaged",
    ),
    pytest.param(
        b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBAoAAAAA\r\n",
        "554 5.6.1",
        "a.zip is of a kind that cannot be faxed",
        id="unknown",
    ),
]


@pytest.mark.parametrize(("content", "code", "sentence"), REFUSALS)
async def test_a_mail_that_cannot_be_faxed_is_refused_in_the_dialogue_with_one_sentence(
    content: bytes, code: str, sentence: str, tmp_path: Path
) -> None:
    async with daemon(tmp_path) as here:

        def send() -> str:
            with smtplib.SMTP("127.0.0.1", here.smtp) as client:
                client.ehlo("x")
                client.mail(SENDER)
                client.rcpt(TO)
                number, text = client.data(content)
                return f"{number} {text.decode()}"

        reply = await asyncio.to_thread(send)
        assert reply.startswith(code)
        assert sentence in reply
        [row] = await _rows(here)
        assert (row["outcome"], row["state"]) == ("refused", "failed")
        assert sentence in row["error"]
        assert not here.notices
