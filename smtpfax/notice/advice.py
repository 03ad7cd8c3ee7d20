"""What a notice says first, and what its reader should do: one row for each cause.

In:    a cause, or none; whether the job failed or only waits.
Out:   Advice: sentences with {number} to fill in.
Fails: never.

Rule: no advice stands elsewhere. The first sentence has no code and no word of the telephone trade; the second says
what to do, or that there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from smtpfax.model.cause import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What happened, and what to do; `result` is what the subject says of it."""

    sentence: str
    todo: str
    result: str


NOT_SENT = "Fax NOT sent to {number}"
_LATER = (
    "The fault is not yours. Please send the mail again later; if it fails again, show this notice to your "
    "administrator."
)


def _failed(why: str, todo: str) -> Advice:
    return Advice(sentence=f"Your fax to {{number}} was not sent: {why}.", todo=todo, result=NOT_SENT)


FAILED: Mapping[Cause, Advice] = MappingProxyType(
    {
        Cause.BUSY: _failed(
            "the line was busy each time we called",
            "Please send the mail again later, or ask the recipient when the line is free.",
        ),
        Cause.NO_ANSWER: _failed(
            "nobody answered our calls",
            "Please check the number, and ask the recipient whether the fax machine is switched on. "
            "Then send the mail again.",
        ),
        Cause.NOT_A_FAX: _failed(
            "the call was answered, but not by a fax machine",
            "Please check the number: it may be a telephone. If it is right, ask the recipient to let the fax machine "
            "answer. Then send the mail again.",
        ),
        Cause.PARTIAL: Advice(
            sentence="Only a part of your fax to {number} was sent: the call broke off before the last page.",
            todo="Please ask the recipient which pages arrived, and send the others again.",
            result="Fax only PARTLY sent to {number}",
        ),
        Cause.LINE: _failed(
            "the telephone connection was too poor",
            "Please send the mail again later; if it fails again, ask the recipient for another fax number.",
        ),
        Cause.NO_ROUTE: _failed(
            "no fax machine can be reached at this number",
            "Please check the number and its country code, and send the mail again to the right one.",
        ),
        Cause.UNALLOCATED: _failed(
            "the telephone network says that there is no such number",
            "Please check the number and its country code, and send the mail again to the right one.",
        ),
        Cause.BACKEND: _failed("the fax service that we use could not be reached", _LATER),
        Cause.REFUSED: _failed(
            "the fax service that we use refused it",
            "Sending it again will not help before the reason below is gone. Please show this notice to your "
            "administrator.",
        ),
        Cause.DOCUMENT: _failed(
            "we could not make fax pages of your mail",
            "Please mend what the reason below names, and send the mail again.",
        ),
        Cause.CONVERTER: _failed(
            "we could not make fax pages of your documents",
            "Please save each document as a PDF, and send the mail again with the PDFs.",
        ),
        Cause.IN_DOUBT: Advice(
            sentence="We do not know whether your fax to {number} was sent.",
            todo="Please ask the recipient before you send it again: it may have arrived.",
            result="Fax PERHAPS sent to {number}",
        ),
        Cause.CAP: _failed(
            "it would have passed a limit on the pages that you may fax",
            "Please send fewer pages, or ask your administrator for a higher limit: the reason below names it.",
        ),
        Cause.EXPIRED: _failed(
            "we could not send it in time",
            "If it is still wanted, please send the mail again.",
        ),
        Cause.OURS: _failed("something went wrong on our side", _LATER),
        Cause.UNKNOWN: _failed(
            "the fax service that we use failed, and did not say why",
            "Please check the number, and send the mail again later; if it fails again, show this notice to your "
            "administrator.",
        ),
    }
)

_WAIT = "There is nothing for you to do. Please do not send it again: we go on trying until {until}."


def _delayed(why: str) -> Advice:
    return Advice(
        sentence=f"Your fax to {{number}} has not been sent yet: {why}.",
        todo=_WAIT,
        result="Fax delayed to {number}",
    )


_OUR_TURN = _delayed("it is waiting for its turn")
DELAYED: Mapping[Cause | None, Advice] = MappingProxyType(
    dict.fromkeys((None, *Cause), _OUR_TURN)
    | {
        Cause.BUSY: _delayed("the line is busy"),
        Cause.NO_ANSWER: _delayed("nobody answered our calls so far"),
        Cause.NOT_A_FAX: _delayed("no fax machine answered our calls so far"),
        Cause.PARTIAL: _delayed("the call broke off before the last page"),
        Cause.LINE: _delayed("the telephone connection was too poor so far"),
        Cause.BACKEND: _delayed("the fax service that we use cannot be reached"),
        Cause.IN_DOUBT: _delayed("the fax service that we use has not said how the call went"),
        Cause.UNKNOWN: _delayed("the fax service that we use failed so far"),
        Cause.CAP: Advice(
            sentence="Your fax to {number} has not been sent yet: your limit on pages is reached for now.",
            todo="There is nothing for you to do. It goes on its way after {due}; please do not send it again.",
            result="Fax delayed to {number}",
        ),
    }
)
HELD = Advice(
    sentence="Your fax to {number} has not been sent yet: it is being held.",
    todo="There is nothing for you to do. It goes on its way when it is released; please do not send it again.",
    result="Fax delayed to {number}",
)
QUESTION = Advice(
    sentence="Your fax to {number} has not been sent yet: you never faxed this number, and usually fax {meant}.",
    todo="Please open the link below, and send or cancel the fax there. It waits for your answer.",
    result="Is this fax number right? {number}",
)
QUESTION_WITHOUT_LINK = Advice(
    sentence="Your fax to {number} has not been sent yet: you never faxed this number, and usually fax {meant}.",
    todo="Please tell your administrator whether the number is right; the fax waits to be released or cancelled.",
    result="Is this fax number right? {number}",
)

SENT = Advice(
    sentence="Your fax to {number} was sent, and the far fax machine confirmed it.",
    todo="There is nothing for you to do.",
    result="Fax sent to {number}",
)
HANDED_OVER = Advice(
    sentence="Your fax to {number} was handed over to the fax service that we use.",
    todo="That service does not tell us whether it arrived. If it matters, please ask the recipient.",
    result="Fax handed over for {number}",
)
