"""What an order says of the sender stands before what its faxbox says."""

from __future__ import annotations

from smtpfax.model.account import Faxbox
from smtpfax.model.particulars import Particulars, as_ordered

BOX = Faxbox(id="sales", account_id="acme", name="Sales", number="+12025550100", header="Acme Inc.", caller_name="Acme")


def test_a_faxbox_without_an_order_is_itself() -> None:
    assert as_ordered(BOX, None) is BOX
    assert as_ordered(BOX, Particulars(send_to=("bob@acme.example",))) == BOX


def test_the_sender_of_the_order_is_the_faxboxs_for_this_fax() -> None:
    said = Particulars(from_name="Ann", from_number="+12025550101", timezone="Europe/Berlin")
    box = as_ordered(BOX, said)
    assert (box.header, box.caller_name, box.number, box.timezone) == ("Ann", "Ann", "+12025550101", "Europe/Berlin")
