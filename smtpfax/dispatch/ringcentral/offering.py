"""The request that offers a fax, in the form that the settings want.

In:    an Offer, the settings, and where its document is.
Out:   a body; its order of parts and its names are those of the API's own examples.
Fails: Permanent, for a number that RingCentral cannot dial.

    form-json      multipart/form-data, a JSON envelope first: what RingCentral's own SDKs send
    form-fields    multipart/form-data, a field each
    mixed          multipart/mixed, a JSON envelope first, the document as it is
    mixed-base64   the same, the document in base64
    resending      application/json: the document of an earlier message, to this number

Rule: one recipient a message, no send time (our own queue waits), and no cover page unless the faxbox wants one: the
API's default would be the extension's.
"""

from __future__ import annotations

from pathlib import Path

from smtpfax.dispatch.settings import RingCentralSettings
from smtpfax.egress import Json, Multipart, Part
from smtpfax.model import status as say
from smtpfax.model.backend import Offer
from smtpfax.model.cause import Cause
from smtpfax.model.document import Resolution
from smtpfax.model.errors import Permanent

from .covers import MOST_TEXT, index_of
from .ticket import Ticket

MEDIA_TYPES = {"pdf": "application/pdf", "tiff": "image/tiff"}
_LONGEST_NAME = 64
_MOST_BODY = 54_000_000  # x-request-max-body-size is 55m; the rest is for the envelope


def most_octets(settings: RingCentralSettings) -> int:
    """Of a document: the whole request is bounded as well, and base64 makes four octets, and line ends, of three."""
    if settings.encoding != "mixed-base64":
        return settings.max_bytes
    return min(settings.max_bytes, _MOST_BODY * 3 // 4 * 76 // 78)


def check_number(offer: Offer) -> None:
    """A sub-address cannot be dialled; it is not dropped in silence."""
    if offer.number.sub_address:
        raise Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why="it cannot dial a sub-address")


def file_name(offer: Offer, settings: RingCentralSettings) -> str:
    """Our own name for the try: letters, digits, - and . are what it accepts in a name."""
    return f"{offer.key}.{settings.document}"


def envelope(offer: Offer, settings: RingCentralSettings) -> dict[str, object]:
    """The fax as the JSON envelope has it."""
    country = {"country": {"isoCode": settings.iso_code}} if settings.iso_code else {}
    return {"to": [_recipient(offer)], "faxResolution": _resolution(offer), **country, **_cover(offer)}


def fields(offer: Offer, settings: RingCentralSettings) -> list[tuple[str, str]]:
    """The fax as single fields, in the order of the document's example; they have no place for a name."""
    cover, country = _cover(offer), [("isoCode", settings.iso_code)] if settings.iso_code else []
    told = [(name, str(cover[name])) for name in ("coverPageText", "coverIndex") if name in cover]
    return [*told, ("faxResolution", _resolution(offer)), *country, ("to", offer.number.e164)]


def request(offer: Offer, settings: RingCentralSettings, document: bytes | Path) -> Multipart:
    """The whole of it."""
    described = Json(envelope(offer, settings)).octets()
    name, media_type = file_name(offer, settings), MEDIA_TYPES[settings.document]
    match settings.encoding:
        case "form-json":
            head = [Part(media_type="application/json", content=described, name="json", file_name="request.json")]
            file = Part(media_type=media_type, content=document, name="attachment", file_name=name)
            return Multipart((*head, file), "form-data")
        case "form-fields":
            head = [_field(field, value) for field, value in fields(offer, settings)]
            file = Part(media_type=media_type, content=document, name="attachment", file_name=name)
            return Multipart((*head, file), "form-data")
        case _:
            file = Part(
                media_type=media_type,
                content=document,
                file_name=name,
                disposition="attachment",
                base64=settings.encoding == "mixed-base64",
            )
            return Multipart((Part(media_type="application/json", content=described), file))


def resending(offer: Offer, original: Ticket) -> Json:
    """The document of an earlier message."""
    return Json({"originalMessageId": str(original.message), "to": [_recipient(offer)]})


def may_resend(offer: Offer, settings: RingCentralSettings) -> bool:
    """Where the earlier message would look the same: a cover of theirs names the recipient."""
    return settings.resend and bool(offer.original) and not index_of(offer.faxbox.service_cover)


def _recipient(offer: Offer) -> dict[str, str]:
    name = offer.to_name.strip()[:_LONGEST_NAME]
    return {"phoneNumber": offer.number.e164, **({"name": name} if name else {})}


def _resolution(offer: Offer) -> str:
    return "Low" if offer.document.layout.resolution is Resolution.STANDARD else "High"


def _cover(offer: Offer) -> dict[str, object]:
    index = index_of(offer.faxbox.service_cover)
    words = (offer.faxbox.service_cover_text or offer.subject)[:MOST_TEXT] if index else ""
    return {"coverIndex": index, **({"coverPageText": words} if words else {})}


def _field(name: str, value: str) -> Part:
    return Part(media_type="text/plain; charset=utf-8", content=value.encode(), name=name)
