"""Kazoo's records, in both spellings, become Progress."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from smtpfax.dispatch.kazoo.envelope import gregorian
from smtpfax.dispatch.kazoo.states import CAUSES, STUCK_AFTER, progress_of
from smtpfax.model.backend import Broken, Done, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.event import Transmission
from tests.dispatch.values import NOW

DOCUMENTED: dict[str, Any] = {
    "success": True,
    "pages_sent": 3,
    "time_elapsed": 61,
    "fax_receiver_id": "+1 202 555 0199",
    "fax_speed": 14400,
    "fax_bad_rows": 0,
    "fax_error_correction": True,
    "error_message": "",
}
REAL: dict[str, Any] = {
    "success": "true",
    "transferred_pages": "3",
    "total_pages": "3",
    "time_elapsed": 61,
    "remote_station_id": "+1 202 555 0199",
    "transfer_rate": "14400",
    "result_code": 200,
    "result_cause": "NORMAL_CLEARING",
    "result_text": "OK",
    "ecm_used": "on",
}


def failed(**result: object) -> Broken:
    said = progress_of({"status": "failed", "tx_result": {"success": False, **result}}, at=NOW)
    assert isinstance(said, Broken)
    return said


@pytest.mark.parametrize(("result", "text"), [(DOCUMENTED, ""), (REAL, "OK")], ids=["documented", "real"])
def test_both_spellings_of_tx_result_are_read(result: dict[str, Any], text: str) -> None:
    wanted = Transmission(pages_sent=3, seconds=61, station="+1 202 555 0199", rate=14400, text=text)
    assert progress_of({"status": "completed", "tx_result": result}, at=NOW) == Done(transmission=wanted)


@pytest.mark.parametrize(
    "record",
    [
        {"status": "completed"},
        {"status": "complete"},
        {"pvt_job_status": "completed"},
        {"_read_only": {"status": "completed"}},
        {"tx_result": {"success": True}},
        {"tx_result": {"success": "true"}},
        {"status": "completed", "tx_result": None},
    ],
)
def test_a_fax_that_is_sent_is_known_under_any_of_its_names(record: dict[str, Any]) -> None:
    assert isinstance(progress_of(record, at=NOW), Done)


@pytest.mark.parametrize(
    "status",
    [
        "attaching files",
        "attaching_files",
        "pending",
        "locked",
        "processing",
        "resubmitting",
        "not available",
        "new",
        "",
    ],
)
def test_what_is_not_known_to_be_over_is_not_over(status: str) -> None:
    record = {"status": status, "created": gregorian(NOW)}
    assert progress_of(record, at=NOW + timedelta(minutes=1)) == Sending(text=status)


@pytest.mark.parametrize("record", [{}, {"status": None}, {"status": 7, "tx_result": []}, {"_read_only": "x"}])
def test_a_record_that_says_nothing_is_not_over(record: dict[str, Any]) -> None:
    assert progress_of(record, at=NOW) == Sending()


def test_the_page_under_way_is_read_from_its_words() -> None:
    assert progress_of({"status": "Sent Page 2 of 5"}, at=NOW) == Sending(pages_sent=2, text="Sent Page 2 of 5")


@pytest.mark.parametrize("status", ["attaching files", "attaching_files"])
def test_a_fax_that_is_attached_for_ever_has_failed(status: str) -> None:
    record = {"status": status, "created": gregorian(NOW)}
    assert isinstance(progress_of(record, at=NOW + STUCK_AFTER), Sending)
    said = progress_of(record, at=NOW + STUCK_AFTER + timedelta(seconds=1))
    assert isinstance(said, Broken)
    assert said.cause is Cause.UNKNOWN


@pytest.mark.parametrize(
    ("cause", "wanted"),
    [
        ("USER_BUSY", Cause.BUSY),
        ("NO_ANSWER", Cause.NO_ANSWER),
        ("ORIGINATOR_CANCEL", Cause.NO_ANSWER),
        ("UNALLOCATED_NUMBER", Cause.UNALLOCATED),
        ("unallocated_number", Cause.UNALLOCATED),
        ("NORMAL_TEMPORARY_FAILURE", Cause.LINE),
        ("INCOMPATIBLE_DESTINATION", Cause.NOT_A_FAX),
        ("GATEWAY_DOWN", Cause.BACKEND),
        ("SOMETHING_NEW", Cause.UNKNOWN),
        ("", Cause.UNKNOWN),
    ],
)
def test_a_hang_up_cause_has_its_cause(cause: str, wanted: Cause) -> None:
    assert failed(result_cause=cause).cause is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("invalid fax cid number", Cause.REFUSED),
        ("invalid number", Cause.NO_ROUTE),
        ("fax job timed out - originate", Cause.NO_ANSWER),
        ("fax job timed out - negotiate", Cause.NOT_A_FAX),
        ("fax job timed out - page", Cause.LINE),
        ("Timed out waiting for initial communication", Cause.NOT_A_FAX),
        ("The call dropped prematurely", Cause.LINE),
        ("Disconnected after permitted retries", Cause.LINE),
        ("no available resources", Cause.BACKEND),
        ("process terminated. please contact your support for details", Cause.UNKNOWN),
    ],
)
def test_where_the_cause_says_nothing_the_words_do(text: str, wanted: Cause) -> None:
    assert failed(result_text=text, result_cause="NORMAL_CLEARING").cause is wanted
    assert failed(error_message=text).cause is wanted


def test_both_words_and_cause_are_kept_for_the_log() -> None:
    assert failed(result_text="busy tone", result_cause="USER_BUSY").text == "busy tone; USER_BUSY"


def test_a_failure_keeps_the_pages_that_went() -> None:
    assert failed(transferred_pages="2", result_text="The call dropped prematurely").transmission.pages_sent == 2


@pytest.mark.parametrize("value", ["x", "nan", "inf", "-3", -3, None, [], {}, "1e999", 10**30, "9" * 5000])
def test_hostile_numbers_do_no_harm(value: object) -> None:
    said = failed(transferred_pages=value, time_elapsed=value, transfer_rate=value)
    assert 0 <= said.transmission.pages_sent <= 10_000


def test_hostile_words_are_cut() -> None:
    assert len(failed(result_text="x" * 10_000, result_cause="Y" * 10_000).text) < 300


def test_no_hang_up_cause_says_that_the_service_refuses() -> None:
    assert Cause.REFUSED not in CAUSES.values()
