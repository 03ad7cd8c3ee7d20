"""Acts on faxes over HTTP: what they do, what they answer, and to whom they say that there is nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import Connection, select

from smtpfax.model.abilities import Arrival, Fetched
from smtpfax.model.account import Directory
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Temporary
from smtpfax.model.event import Accepted, Cancelled, Failed, Offered, Sent
from smtpfax.model.job import Job, State
from smtpfax.model.mail import Header
from smtpfax.model.notice import postmaster_notice
from smtpfax.model.status import BACKEND_DOWN, TIME_USED_UP
from smtpfax.store.columns import metadata

from .conftest import TIFF, Line, World

FAXES = "/v2/accounts/acme/faxes"
BOX = "/v2/accounts/acme/faxboxes/sales/faxes"


@dataclass
class Client:
    """An API client with a token."""

    http: TestClient
    headers: dict[str, str]

    async def ask(self, method: str, path: str, code: int, json: Any = None, **headers: str) -> dict[str, Any]:
        answer = await self.http.request(method, path, json=json, headers={**self.headers, **headers})
        assert answer.status == code, (path, answer.status, await answer.text())
        told: dict[str, Any] = await answer.json()
        return told

    async def data(self, method: str, path: str, code: int = 200, json: Any = None) -> dict[str, Any]:
        told: dict[str, Any] = (await self.ask(method, path, code, json))["data"]
        return told


@pytest.fixture
async def acme(world: World, http: TestClient) -> Client:
    return Client(http, {"X-Auth-Token": await world.token("acme")})


class Forgetful(Line):
    """A fax service that deletes faxes."""

    trouble: Fault | None = None

    def __init__(self) -> None:
        self.deleted: list[str] = []

    async def delete(self, ticket: str) -> None:
        if self.trouble:
            raise self.trouble
        self.deleted.append(ticket)


class Receiving(Forgetful):
    """One that receives them, too."""

    home = ""
    every = timedelta(minutes=1)

    async def received(self, *, since: datetime, until: datetime | None = None) -> Sequence[Arrival]:
        raise NotImplementedError

    async def bring(self, arrival: Arrival) -> Fetched:
        raise NotImplementedError

    async def mark(self, ticket: str, *, read: bool) -> None:
        raise NotImplementedError


async def sent(world: World, **where: str) -> Job:
    job = await world.taken(**where)  # type: ignore[arg-type]
    events = (Offered(backend="line"), Accepted(ticket=f"T{job.id}"), Sent())
    return await world.then(job, *events)


async def all_rows(world: World) -> str:
    def read(connection: Connection) -> str:
        tables = metadata.sorted_tables
        return "\n".join(str(tuple(row)) for table in tables for row in connection.execute(select(table)))

    return await world.store._database.read(read)


# Cancelling.


async def test_a_queued_fax_is_cancelled(world: World, acme: Client) -> None:
    job = await world.taken()
    told = await acme.data("DELETE", f"{FAXES}/outgoing/{job.id}")
    assert (told["id"], told["state"], told["status"]) == (job.id, "cancelled", "failed")
    assert world.woken
    again = await acme.ask("DELETE", f"{FAXES}/outgoing/{job.id}", 409)
    assert again["data"] == {"message": "the job is cancelled already"}


async def test_a_fax_that_a_service_has_is_marked_and_the_answer_says_that_it_is_not_settled(
    world: World, acme: Client
) -> None:
    job = await world.then(await world.taken(), Offered(backend="line"), Accepted(ticket="T1"))
    told = await acme.data("DELETE", f"{FAXES}/outgoing/{job.id}", 202)
    assert (told["state"], told["cancel_asked"]) == ("accepted", True)
    assert "last word" in (await acme.ask("DELETE", f"{FAXES}/outgoing/{job.id}", 409))["data"]["message"]


# Resubmitting.


@pytest.mark.parametrize(
    "body", [{"action": "resubmit", "data": {}}, {"data": {"action": "resubmit"}}, {"action": "resubmit"}]
)
async def test_a_fax_is_resubmitted_as_a_new_job_with_the_same_document(
    world: World, acme: Client, body: Mapping[str, Any]
) -> None:
    old = await sent(world)
    answer = await acme.ask("PUT", f"{FAXES}/outbox/{old.id}", 202, dict(body))
    told = answer["data"]
    assert told["id"] != old.id
    assert (told["again_of"], told["status"], told["attempts"]) == (old.id, "pending", 0)
    assert told["tx_result"]["success"] is False
    new = await world.store.jobs.get(told["id"])
    assert new is not None
    assert (new.state, new.document, new.number) == (State.RENDERED, old.document, old.number)
    assert (await acme.data("GET", f"{FAXES}/outbox/{old.id}"))["status"] == "completed"
    assert await world.store.jobs.get(old.id) == old
    assert await world.store.mails.inline(new.mail_id) == b"mail!"


async def test_the_seeds_own_line_resubmits_a_fax(world: World, acme: Client) -> None:
    old = await sent(world)
    answer = await acme.http.put(
        f"{FAXES}/outbox/{old.id}",
        data='{"action": "resubmit", "data": {}}',
        headers={**acme.headers, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 202
    assert answer.headers["Location"] == (await answer.json())["data"]["id"]


async def test_a_fax_is_resubmitted_to_another_number_which_is_looked_at(world: World, acme: Client) -> None:
    old = await sent(world)
    body = {"action": "resubmit", "data": {"to_number": "(202) 555-0177", "to_name": "Bob"}}
    told = await acme.data("PUT", f"{FAXES}/outbox/{old.id}", 202, body)
    assert (told["to"], told["to_name"]) == ("+12025550177", "Bob")
    for number in ("+19005550123", "12", "x" * 500, 7, "\n"):
        wrong = await acme.ask(
            "PUT", f"{FAXES}/outbox/{old.id}", 400, {"action": "resubmit", "data": {"to_number": number}}
        )
        assert wrong["message"] == "validation error"
        assert list(wrong["data"]) == ["to_number"]


async def test_what_failed_before_it_was_rendered_is_rendered_again(world: World, acme: Client) -> None:
    job = await world.taken(rendered=False)
    failed = Failed(status=TIME_USED_UP.status, cause=Cause.EXPIRED, text="too late")
    await world.then(job, failed)
    told = await acme.data("PUT", f"{FAXES}/outbox/{job.id}", 202, {"action": "resubmit"})
    assert told["status"] == "attaching_files"


async def test_a_fax_under_way_is_in_no_outbox_and_not_resubmitted(world: World, acme: Client) -> None:
    job = await world.taken()
    await acme.ask("PUT", f"{FAXES}/outbox/{job.id}", 404, {"action": "resubmit"})


async def test_a_fax_whose_document_is_gone_is_not_resubmitted(world: World, acme: Client) -> None:
    old = await sent(world)
    await acme.data("DELETE", f"{FAXES}/outbox/{old.id}/attachment")
    told = await acme.ask("PUT", f"{FAXES}/outbox/{old.id}", 409, {"action": "resubmit"})
    assert told["data"] == {"message": "its document is kept no longer"}


@pytest.mark.parametrize("folder", ["outbox", "inbox"])
@pytest.mark.parametrize(
    ("body", "rule"), [({}, "required"), ({"action": "move"}, "enum"), ({"action": 7, "data": {}}, "enum")]
)
async def test_an_action_that_is_none_is_the_clients_mistake(
    world: World, acme: Client, folder: str, body: Mapping[str, Any], rule: str
) -> None:
    id = (await sent(world)).id if folder == "outbox" else (await world.received()).id
    told = await acme.ask("PUT", f"{FAXES}/{folder}/{id}", 400, dict(body))
    assert told["message"] == "validation error"
    assert set(told["data"]["action"]) == {rule}


async def test_resubmitting_is_bounded_by_the_caps(world: World, acme: Client) -> None:
    old = await sent(world)
    box = world.directory.faxboxes["acme", "sales"]
    capped = replace(box, caps=replace(box.caps, faxes_per_hour=2))
    world.directory = Directory(
        accounts=world.directory.accounts, faxboxes={**world.directory.faxboxes, ("acme", "sales"): capped}
    )
    await acme.ask("PUT", f"{FAXES}/outbox/{old.id}", 202, {"action": "resubmit"})
    told = await acme.ask("PUT", f"{FAXES}/outbox/{old.id}", 429, {"action": "resubmit"})
    assert told["message"] == "too_many_requests"


# Forwarding.


async def test_a_received_fax_is_forwarded_as_a_new_job(world: World, acme: Client) -> None:
    fax = await world.received()
    body = {"action": "forward", "data": {"to_number": "+12025550177", "to_name": "Bob"}}
    told = await acme.data("PUT", f"{FAXES}/inbox/{fax.id}", 202, body)
    assert (told["again_of"], told["to"], told["to_name"]) == (fax.id, "+12025550177", "Bob")
    job = await world.store.jobs.get(told["id"])
    assert job is not None
    content = await world.store.mails.inline(job.mail_id)
    assert content is not None
    assert f"fax-{fax.id}.tif".encode() in content
    missing = await acme.ask("PUT", f"{FAXES}/inbox/{fax.id}", 400, {"action": "forward", "data": {}})
    assert set(missing["data"]["to_number"]) == {"required"}


# Deleting.


async def named(world: World) -> Job:
    """A fax whose mail names somebody."""
    job = await sent(world)
    database = world.store._database
    header = Header(message_id="<1@x>", subject="About Mr. Doe", from_="Dr. Who of Mr. Doe")
    for table in ("mails", "attempts"):
        which = metadata.tables[table]
        await database.writer.do(
            lambda connection, which=which: connection.execute(which.update().values(header=header))
        )
    return job


async def test_a_deleted_fax_leaves_the_line_of_the_log_without_subject_and_names(world: World, acme: Client) -> None:
    job = await named(world)
    assert job.document is not None
    assert world.spool.has(job.document.name)
    assert "Doe" in await all_rows(world)
    told = await acme.data("DELETE", f"{FAXES}/outbox/{job.id}")
    assert (told["id"], told["_read_only"]) == (job.id, {"deleted": True})
    assert told["kept"] == [
        "the line of the SMTP log, without subject and names",
        "perhaps a copy at the fax service line, which has no way to delete one",
    ]
    assert "Doe" not in await all_rows(world)
    assert await world.spool.kept() == []
    for folder in ("outbox", "outgoing"):
        for path in ("", "/attachment"):
            await acme.ask("GET", f"{FAXES}/{folder}/{job.id}{path}", 404)
    [row] = await world.store.attempts.of_job(job.id)
    line = await acme.data("GET", f"{FAXES}/smtplog/{row.attempt.id}")
    assert (line["state"], line["subject"], line["header_from"]) == ("sent", "", "")
    await acme.ask("DELETE", f"{FAXES}/outbox/{job.id}", 404)


async def test_a_fax_service_is_asked_to_delete_its_copy_of_every_try(world: World, acme: Client) -> None:
    service = Forgetful()
    world.deps.backends["line"] = service  # type: ignore[index]
    job = await sent(world)
    told = await acme.data("DELETE", f"{FAXES}/outbox/{job.id}")
    assert service.deleted == [f"T{job.id}"]
    assert told["deleted_at_services"] == ["line"]
    assert told["kept"] == ["the line of the SMTP log, without subject and names"]


async def test_a_copy_that_could_not_be_deleted_is_told(world: World, acme: Client) -> None:
    service = Forgetful()
    service.trouble = Temporary(BACKEND_DOWN, cause=Cause.BACKEND)
    world.deps.backends["line"] = service  # type: ignore[index]
    told = await acme.data("DELETE", f"{FAXES}/outbox/{(await sent(world)).id}")
    assert told["kept"][1:] == ["perhaps a copy at the fax service line, which could not be asked to delete it"]


async def test_a_document_is_deleted_and_how_it_went_is_kept(world: World, acme: Client) -> None:
    job = await named(world)
    told = await acme.data("DELETE", f"{FAXES}/outbox/{job.id}/attachment")
    assert told["kept"][0] == "how the fax went, with its subject and names"
    assert await world.spool.kept() == []
    assert await world.store.mails.inline(job.mail_id) is None
    await acme.ask("GET", f"{FAXES}/outbox/{job.id}/attachment", 404)
    await acme.ask("GET", f"{FAXES}/outbox/{job.id}/attachment", 404, Accept="application/octet-stream")
    told = await acme.data("GET", f"{FAXES}/outbox/{job.id}")
    assert (told["subject"], told["pages"]) == ("About Mr. Doe", 2)


@pytest.mark.parametrize("path", ["", "/attachment"])
async def test_what_is_under_way_is_not_deleted(world: World, acme: Client, path: str) -> None:
    job = await world.taken()
    told = await acme.ask("DELETE", f"{FAXES}/outbox/{job.id}{path}", 409)
    assert told["data"] == {"message": "the fax is rendered: cancel it first"}
    assert await world.store.jobs.get(job.id) == job


async def test_what_somebody_is_still_to_be_told_of_is_not_deleted(world: World, acme: Client) -> None:
    job = await world.taken()
    mail = await world.store.mails.get(job.mail_id)
    assert mail is not None
    notice = replace(postmaster_notice(mail, "ann@acme.example"), job_id=job.id)
    await world.store.jobs.advance(job, [Cancelled()], at=world.clock(), notices=[notice])
    told = await acme.ask("DELETE", f"{FAXES}/outbox/{job.id}", 409)
    assert "still to be told" in told["data"]["message"]
    assert job.document is not None
    assert world.spool.has(job.document.name)


async def test_pages_that_another_fax_has_stay_and_that_is_said(world: World, acme: Client) -> None:
    old = await sent(world)
    new = await acme.data("PUT", f"{FAXES}/outbox/{old.id}", 202, {"action": "resubmit"})
    told = await acme.data("DELETE", f"{FAXES}/outbox/{old.id}")
    assert "its pages, which another fax that is kept has as well" in told["kept"]
    assert (await acme.http.get(f"{FAXES}/outgoing/{new['id']}/attachment", headers=acme.headers)).status == 200


async def test_a_received_fax_is_deleted(world: World, acme: Client) -> None:
    fax = await world.received()
    await acme.ask("DELETE", f"{FAXES}/inbox/{fax.id}", 409)
    await world.store.inbox.tell(fax.id, [])
    told = await acme.data("DELETE", f"{FAXES}/inbox/{fax.id}")
    assert (told["id"], told["_read_only"], told["kept"]) == (fax.id, {"deleted": True}, [])
    assert await world.spool.kept() == []
    await acme.ask("GET", f"{FAXES}/inbox/{fax.id}", 404)


async def test_a_received_faxs_document_is_deleted(world: World, acme: Client) -> None:
    fax = await world.received()
    await world.store.inbox.tell(fax.id, [])
    told = await acme.data("DELETE", f"{FAXES}/inbox/{fax.id}/attachment")
    assert told["kept"] == ["when the fax came, and from whom"]
    await acme.ask("GET", f"{FAXES}/inbox/{fax.id}/attachment", 404)
    await acme.ask("GET", f"{FAXES}/inbox/{fax.id}/attachment", 404, Accept="application/octet-stream")
    await acme.ask("PUT", f"{FAXES}/inbox/{fax.id}", 409, {"action": "forward", "data": {"to_number": "+12025550177"}})
    assert (await acme.data("GET", f"{FAXES}/inbox/{fax.id}"))["from_name"] == "Bob"


async def test_of_a_received_fax_its_service_deletes_its_copy_and_the_exchange_keeps_its_senders_call(
    world: World, acme: Client
) -> None:
    for service, asked in ((Receiving(), True), (Forgetful(), False)):
        world.deps.backends["line"] = service  # type: ignore[index]
        fax = await world.received()
        await world.store.inbox.tell(fax.id, [])
        told = await acme.data("DELETE", f"{FAXES}/inbox/{fax.id}")
        assert service.deleted == [fax.ticket] * asked
        assert told["deleted_at_services"] == ["line"] * asked


# Originals, and what is being received.


@pytest.mark.parametrize("disposition", ["", "?disposition=inline"])
async def test_an_original_is_always_an_attachment(world: World, acme: Client, disposition: str) -> None:
    job, fax = await sent(world), await world.received()
    headers = {**acme.headers, "Accept": "application/octet-stream"}
    for path, octets, name in (
        (f"outbox/{job.id}", b"mail!", f"mail-{job.mail_id}.eml"),
        (f"outgoing/{job.id}", b"mail!", f"mail-{job.mail_id}.eml"),
        (f"inbox/{fax.id}", TIFF, f"original-{fax.id}.tiff"),
    ):
        answer = await acme.http.get(f"{FAXES}/{path}/attachment{disposition}", headers=headers)
        assert await answer.read() == octets
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.content_type == "application/octet-stream"
    await acme.ask("GET", f"{FAXES}/outbox/{job.id}/attachment?disposition=form-data", 400)


async def test_nothing_is_deleted_of_a_fax_under_way_by_its_attachment(world: World, acme: Client) -> None:
    job = await world.taken()
    assert (await acme.ask("DELETE", f"{FAXES}/outgoing/{job.id}/attachment", 405))["message"] == "invalid_method"


async def test_a_call_to_a_faxbox_of_the_account_is_incoming_until_it_is_over(world: World, acme: Client) -> None:
    fax = await world.received()
    assert (await acme.ask("GET", f"{FAXES}/incoming", 200))["data"] == []
    [call] = await world.store.exchange.calls([fax.ticket])
    await world.store.exchange.place(replace(call, key="k2", settled=False, document=call.document))
    [told] = (await acme.ask("GET", f"{FAXES}/incoming", 200))["data"]
    assert (told["id"], told["from"], told["faxbox_id"]) == ("k2", "+12025550123", "sales")
    assert (await acme.data("GET", f"{FAXES}/incoming/k2"))["id"] == "k2"
    assert (await acme.ask("GET", f"{BOX}/incoming", 200))["data"]
    assert not (await acme.ask("GET", f"{BOX.replace('sales', 'back')}/incoming", 200))["data"]
    await acme.ask("GET", f"{BOX.replace('sales', 'back')}/incoming/k2", 404)
    other = Client(acme.http, {"X-Auth-Token": await world.token("other")})
    assert (await other.ask("GET", "/v2/accounts/other/faxes/incoming", 200))["data"] == []


# Below a faxbox.


async def test_below_a_faxbox_there_are_its_own_faxes(world: World, acme: Client) -> None:
    mine, theirs, fax = await sent(world), await sent(world, faxbox_id="back"), await world.received()
    await world.store.inbox.tell(fax.id, [])
    assert [row["id"] for row in (await acme.ask("GET", f"{BOX}/outbox", 200))["data"]] == [mine.id]
    assert [row["id"] for row in (await acme.ask("GET", f"{BOX}/inbox", 200))["data"]] == [fax.id]
    assert [row["job_id"] for row in (await acme.ask("GET", f"{BOX}/smtplog", 200))["data"]] == [mine.id]
    [attempt] = await world.store.attempts.of_job(theirs.id)
    resubmit = {"action": "resubmit"}
    for method, path, body in (
        ("GET", f"outgoing/{theirs.id}", None),
        ("DELETE", f"outgoing/{theirs.id}", None),
        ("GET", f"outbox/{theirs.id}", None),
        ("PUT", f"outbox/{theirs.id}", resubmit),
        ("DELETE", f"outbox/{theirs.id}", None),
        ("GET", f"outbox/{theirs.id}/attachment", None),
        ("DELETE", f"outbox/{theirs.id}/attachment", None),
        ("GET", f"smtplog/{attempt.attempt.id}", None),
    ):
        await acme.ask(method, f"{BOX}/{path}", 404, body)
    back = BOX.replace("sales", "back")
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/attachment"), ("DELETE", "/attachment")):
        await acme.ask(method, f"{back}/inbox/{fax.id}{path}", 404, {} if method == "PUT" else None)
    await acme.ask("PUT", f"{BOX}/outbox/{mine.id}", 202, resubmit)
    await acme.ask("DELETE", f"{BOX}/outbox/{mine.id}", 200)
    await acme.ask("DELETE", f"{BOX}/inbox/{fax.id}", 200)
    await acme.ask("GET", BOX.replace("sales", "nothing") + "/outbox", 404)


async def test_a_token_that_may_only_read_does_nothing(world: World, http: TestClient) -> None:
    reader = Client(http, {"X-Auth-Token": await world.token("acme", "read")})
    job, fax = await sent(world), await world.received()
    for below in (FAXES, BOX):
        for method, path in (
            ("DELETE", f"outgoing/{job.id}"),
            ("PUT", f"outbox/{job.id}"),
            ("DELETE", f"outbox/{job.id}"),
            ("DELETE", f"outbox/{job.id}/attachment"),
            ("PUT", f"inbox/{fax.id}"),
            ("DELETE", f"inbox/{fax.id}"),
            ("DELETE", f"inbox/{fax.id}/attachment"),
        ):
            await reader.ask(method, f"{below}/{path}", 403)
