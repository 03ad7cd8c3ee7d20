"""The message store of the fake: messages as records, with what is known of each.

In:    orders, received faxes, and how calls end.
Out:   records as the API shows them; lists by its filters.
Fails: KeyError, for a message that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .order import File, Order

FIRST_ID = 4_444_444_444
Record = dict[str, Any]


@dataclass(slots=True)
class Store:
    """`shows_names`: whether it tells the names of the files that it was given."""

    clock: Callable[[], datetime]
    base: str = ""
    shows_names: bool = True
    list_has_codes: bool = False  # the code of a failure stands in the single record alone
    lags: timedelta = timedelta()  # how long after it was made a message is listed
    next_id: int = FIRST_ID
    records: dict[int, Record] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    documents: dict[int, File] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    results: dict[int, str] = field(default_factory=dict)  # of the call log

    def take(self, order: Order) -> Record:
        """A fax that is queued."""
        id_ = self._make("Outbound", "Queued", {"to": [self._recipient(order)]})
        self.orders[id_] = order
        self.documents[id_] = order.files[0] if order.files else self.documents[order.original]
        self._attach(id_, self.documents[id_].name if self.shows_names else "")
        return self.records[id_]

    def receive(self, file: File, *, sender: str, to: str, name: str = "", pages: int = 1) -> Record:
        """A fax that came in."""
        ends = {"to": [{"phoneNumber": to}], "from": {"phoneNumber": sender, "name": name}}
        id_ = self._make("Inbound", "Received", ends)
        self.documents[id_] = file
        self._attach(id_, "", media_type=file.media_type)
        self.records[id_]["subject"] = to
        self.records[id_]["faxPageCount"] = pages
        return self.records[id_]

    def end(self, id_: int, status: str, *, pages: int = 0, code: str = "", result: str = "") -> None:
        """How the call went."""
        record = self.records[id_]
        record["messageStatus"] = record["to"][0]["messageStatus"] = status
        record["faxPageCount"] = pages
        record["lastModifiedTime"] = _iso(self.clock())
        self.codes[id_], self.results[id_] = code, result

    def single(self, id_: int) -> Record:
        """One record, with the code of its failure."""
        record = dict(self.records[id_])
        if self.codes.get(id_):
            record["to"] = [{**record["to"][0], "faxErrorCode": self.codes[id_]}]
        return record

    def listed(self, query: Mapping[str, Sequence[str]]) -> list[Record]:
        """Newest first, by the filters of the API."""
        first, last = query["dateFrom"][0], min(query.get("dateTo", ["9"])[0], _iso(self.clock() - self.lags))
        found = [
            record
            for record in self.records.values()
            if record["direction"] in query.get("direction", [record["direction"]])
            and record["availability"] in query.get("availability", ["Alive"])
            and first <= record["creationTime"] <= last
        ]
        found.sort(key=lambda record: (record["creationTime"], record["id"]), reverse=True)
        return [self.single(record["id"]) for record in found] if self.list_has_codes else found

    def calls(self) -> list[Record]:
        """The call log."""
        return [
            {
                "id": f"call{id_}",
                "type": "Fax",
                "direction": "Outbound",
                "result": result,
                "to": self.records[id_]["to"][0],
                "message": {"id": str(id_), "type": "Fax"},
            }
            for id_, result in self.results.items()
            if result
        ]

    def _make(self, direction: str, status: str, ends: Record) -> int:
        id_ = self.next_id
        self.next_id += 1
        now = _iso(self.clock())
        self.records[id_] = {
            "uri": f"{self.base}/{id_}",
            "id": id_,
            "type": "Fax",
            "creationTime": now,
            "lastModifiedTime": now,
            "readStatus": "Unread",
            "priority": "Normal",
            "direction": direction,
            "availability": "Alive",
            "messageStatus": status,
            "faxResolution": "High",
            "faxPageCount": 0,
            **ends,
        }
        return id_

    def _attach(self, id_: int, name: str, *, media_type: str = "application/pdf") -> None:
        named = {"fileName": name} if name else {}
        uri = f"{self.base}/{id_}/content/{id_}"
        document = {"id": id_, "uri": uri, "type": "RenderedDocument", "contentType": media_type, **named}
        self.records[id_]["attachments"] = [document]

    def _recipient(self, order: Order) -> Record:
        to = order.to[0] if order.to else self.records[order.original]["to"][0]
        place = {"location": "Redwood City, CA"}
        return {"recipientId": "1", "phoneNumber": to["phoneNumber"], "messageStatus": "Queued", **place}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
