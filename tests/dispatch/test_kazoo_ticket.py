"""Tickets, and where a fax may be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpfax.dispatch.kazoo.ticket import Ticket, places

ID = "0123456789abcdef0123456789abcdef"


def test_a_ticket_is_read_as_it_is_written() -> None:
    ticket = Ticket.of(ID, datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
    assert str(ticket) == f"202611-{ID}"
    assert Ticket.parse(str(ticket)) == ticket


def test_the_queue_comes_first_then_the_month_then_its_neighbours() -> None:
    assert places(f"202612-{ID}") == (
        f"outgoing/{ID}",
        f"outbox/202612-{ID}",
        f"outbox/202701-{ID}",
        f"outbox/202611-{ID}",
    )
    assert places(f"202601-{ID}")[2:] == (f"outbox/202602-{ID}", f"outbox/202512-{ID}")


def test_an_id_that_has_a_month_already_is_not_given_a_second_one_in_the_outbox() -> None:
    ticket = Ticket.of(f"202611-{ID}", datetime(2026, 11, 1, tzinfo=UTC))
    assert ticket.places()[:2] == (f"outgoing/202611-{ID}", f"outbox/202611-{ID}")
    assert ticket.bare == Ticket.parse(f"202611-{ID}").bare == ID


@pytest.mark.parametrize("text", ["", ID, "202613-abc", "202611-", "202611-../x", "202611-a/b", "202611-a?b", "m1-1.1"])
def test_what_is_no_ticket_has_no_place(text: str) -> None:
    assert places(text) == ()
    with pytest.raises(ValueError, match="not a"):
        Ticket.parse(text)
