"""How records of the model that have no JSON of their own are kept in one column.

In:    Client, Header, Reply, Wishes, Particulars, ReversePath.
Out:   JSON or text, and the same record again.
Fails: KeyError, ValueError for what these functions did not write.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from ipaddress import ip_address
from operator import attrgetter

from smtpfax.model.account import Proof
from smtpfax.model.address import NULL, ReversePath
from smtpfax.model.mail import Client, Header, ProofFound
from smtpfax.model.particulars import Particulars, Source
from smtpfax.model.status import Reply, Status
from smtpfax.model.webhook import Webhook
from smtpfax.model.wishes import Notify, Returned, Wishes

from .types import JsonObject


def client_json(client: Client) -> JsonObject:
    """A client; the proofs keep their order."""
    return {
        "address": str(client.address) if client.address else "",
        "helo": client.helo,
        "tls": client.tls,
        "cipher": client.cipher,
        "user": client.user,
        "proofs": [[found.proof.value, found.holds, found.reason] for found in client.proofs],
    }


def client_from(data: JsonObject) -> Client:
    """Read what `client_json` wrote."""
    proofs = (ProofFound(proof=Proof(proof), holds=holds, reason=reason) for proof, holds, reason in data["proofs"])
    address = ip_address(data["address"]) if data["address"] else None
    return Client(
        address=address,
        helo=data["helo"],
        tls=data["tls"],
        cipher=data.get("cipher", ""),  # older rows have none
        user=data["user"],
        proofs=tuple(proofs),
    )


HEADER = tuple(field.name for field in fields(Header))
header_values = attrgetter(*HEADER)


def header_json(header: Header) -> JsonObject:
    """A header."""
    return dict(zip(HEADER, header_values(header), strict=True))


def header_from(data: JsonObject) -> Header:
    """Read what `header_json` wrote."""
    return Header(**{**data, "references": tuple(data["references"])})


def reply_json(reply: Reply) -> JsonObject:
    """A reply, in its three pieces (RFC 2034 section 4)."""
    return {"code": reply.code, "status": str(reply.status) if reply.status else "", "text": reply.text}


def reply_from(data: JsonObject) -> Reply:
    """Read what `reply_json` wrote."""
    return Reply(data["code"], Status.parse(data["status"]) if data["status"] else None, data["text"])


def wishes_json(wishes: Wishes) -> JsonObject:
    """Wishes; the notices in one order."""
    said = {field.name: getattr(wishes, field.name) for field in fields(wishes)}
    return said | {"notify": None if wishes.notify is None else sorted(wishes.notify)}


def wishes_from(data: JsonObject) -> Wishes:
    """Read what `wishes_json` wrote."""
    notify, returned = data["notify"], data["returned"]
    read = {"notify": None if notify is None else frozenset(map(Notify, notify))}
    return Wishes(**{**data, **read, "returned": Returned(returned) if returned else None})


def particulars_json(particulars: Particulars) -> JsonObject:
    """Particulars."""
    return asdict(particulars)


def particulars_from(data: JsonObject) -> Particulars:
    """Read what `particulars_json` wrote."""
    lists = {name: tuple(data[name]) for name in ("send_to", "sms_to")}
    source, webhook = data["source"], data["webhook"]
    made = {"source": source and Source(**source), "webhook": webhook and Webhook(**webhook)}
    return Particulars(**{**data, **lists, **made})


def path_from(text: str) -> ReversePath:
    """Read what `str` wrote of a reverse-path; it was parsed strictly when it came in."""
    local_part, at, domain = text.rpartition("@")
    return ReversePath(local_part.strip('"'), domain) if at else NULL  # no local-part that we take has a quote in it
