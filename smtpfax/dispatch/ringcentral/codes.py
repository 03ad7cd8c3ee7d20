"""Why RingCentral could not send a fax.

In:    a faxErrorCode, or where there is none the `result` of the call log.
Out:   the cause, which decides whether to try again, and plain words for the reason.
Fails: never; a word that is not here is an unknown failure, which is tried again.

The 34 codes are those of `to[].faxErrorCode` in GET message-store/{id}; no official text explains them. What stands
in the line of RingCentral's own (no credit, a country switched off, a document that it cannot draw) another fax
service may not share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from smtpfax.model.cause import Cause


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause, and words that go on a sentence such as "the fax service refused the fax: …"."""

    cause: Cause
    words: str


CODES: Mapping[str, Reason] = MappingProxyType(
    {
        "LineBusy": Reason(Cause.BUSY, "the line was busy"),
        "AllLinesInUse": Reason(Cause.BUSY, "all lines were in use"),
        "TooManyCallsPerLine": Reason(Cause.BUSY, "there were too many calls on the line"),
        "NoAnswer": Reason(Cause.NO_ANSWER, "nobody answered"),
        "CallerHungUp": Reason(Cause.LINE, "the call was hung up"),
        "ReturnToDBQueue": Reason(Cause.UNKNOWN, "it put the fax back into its queue"),
        "SentPartially": Reason(Cause.PARTIAL, "only a part of the pages was sent"),
        "CallFailed": Reason(Cause.NOT_A_FAX, "the call failed"),
        "CallDeclined": Reason(Cause.NOT_A_FAX, "the call was declined"),
        "NotAccepted": Reason(Cause.NOT_A_FAX, "the call was not accepted"),
        "NoFaxMachine": Reason(Cause.NO_ROUTE, "there is no fax machine"),
        "UserNotFound": Reason(Cause.NO_ROUTE, "nobody was found at the number"),
        "WrongNumber": Reason(Cause.UNALLOCATED, "the number is wrong"),
        "InvalidNumber": Reason(Cause.UNALLOCATED, "the number is not valid"),
        "UnknownCountryCode": Reason(Cause.UNALLOCATED, "the country code is not known"),
        "NoFaxSendPermission": Reason(Cause.REFUSED, "its user may not send faxes"),
        "FaxSendingProhibited": Reason(Cause.REFUSED, "sending faxes is prohibited for its account"),
        "NoInternationalPermission": Reason(Cause.REFUSED, "its user may not call other countries"),
        "InternationalCallingDisabled": Reason(Cause.REFUSED, "calls to other countries are switched off"),
        "InternationalDisabled": Reason(Cause.REFUSED, "calls to other countries are switched off"),
        "DestinationCountryDisabled": Reason(Cause.REFUSED, "calls to this country are switched off"),
        "ProhibitedNumber": Reason(Cause.REFUSED, "it does not call this number"),
        "ProhibitedDestination": Reason(Cause.REFUSED, "it does not call this destination"),
        "ThePhoneIsBlacklisted": Reason(Cause.REFUSED, "the number is on its list of numbers not to be called"),
        "NotEnoughCredits": Reason(Cause.REFUSED, "its account has not enough credit"),
        "NoCallTime": Reason(Cause.REFUSED, "its account has no calling time left"),
        "AccountSuspended": Reason(Cause.REFUSED, "its account is suspended"),
        "SkypeBillingFailed": Reason(Cause.REFUSED, "its billing failed"),
        "RenderingFailed": Reason(Cause.REFUSED, "it could not draw the document"),
        "ConvertError": Reason(Cause.REFUSED, "it could not convert the document"),
        "TooManyPages": Reason(Cause.REFUSED, "the document has too many pages for it"),
        "InternalError": Reason(Cause.UNKNOWN, "an error of its own"),
        "DBGeneralError": Reason(Cause.UNKNOWN, "an error of its database"),
        "Undefined": Reason(Cause.UNKNOWN, "an error without a name"),
    }
)
# What the call log says in its field `result`, of those words that a fax can get.
RESULTS: Mapping[str, Reason] = MappingProxyType(
    {
        "Busy": CODES["LineBusy"],
        "No Answer": CODES["NoAnswer"],
        "Hang Up": CODES["CallerHungUp"],
        "Call Failed": CODES["CallFailed"],
        "Call Failure": CODES["CallFailed"],
        "Rejected": CODES["CallDeclined"],
        "Declined": CODES["CallDeclined"],
        "Answered Not Accepted": CODES["NotAccepted"],
        "No fax machine": CODES["NoFaxMachine"],
        "Wrong Number": CODES["WrongNumber"],
        "Restricted Number": CODES["ProhibitedNumber"],
        "Blocked": CODES["ProhibitedNumber"],
        "Not Allowed": CODES["ProhibitedDestination"],
        "International Disabled": CODES["InternationalDisabled"],
        "International Restricted": CODES["NoInternationalPermission"],
        "No Calling Credit": CODES["NotEnoughCredits"],
        "Suspended account": CODES["AccountSuspended"],
        "Internal Error": CODES["InternalError"],
        "Fax Partially Sent": CODES["SentPartially"],
        "Fax Not Sent": Reason(Cause.NOT_A_FAX, "no fax machine could be connected"),
        "Fax Poor Line": Reason(Cause.LINE, "the line was too poor"),
        "Poor Line Quality": Reason(Cause.LINE, "the line was too poor"),
        "Send Error": Reason(Cause.LINE, "an error while sending"),
        "Fax Send Error": Reason(Cause.LINE, "an error while sending"),
        "Stopped": Reason(Cause.UNKNOWN, "the call was stopped"),
    }
)


NO_REASON = Reason(Cause.UNKNOWN, "it does not say why")


def of_code(code: str) -> Reason:
    """What a faxErrorCode means."""
    known = CODES.get(code)
    return Reason(known.cause, f"{known.words} ({code})") if known else Reason(Cause.UNKNOWN, f"it says {code}")


def of_result(result: str) -> Reason:
    """What a result of the call log means."""
    return RESULTS.get(result) or Reason(Cause.UNKNOWN, f"its call log says {result or 'nothing'}")
