"""Statuses, replies, and the one catalogue of sentences that people read.

In:    a code and a status with the names that fill the sentence.
Out:   Reply values for the SMTP door; the same sentences in notices, the log and the API.
Fails: `Status.parse` raises ValueError for what is not an enhanced status code.

Rule: status and text are never glued together before the wire (RFC 2034 section 4), and no sentence stands elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_STATUS = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})")
# Besides controls: line separators, what turns the direction of writing, and halves of characters.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True, order=True)
class Status:
    """An enhanced status code (RFC 3463): how a thing went."""

    klass: int
    subject: int
    detail: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "5.7.1"."""
        match = _STATUS.fullmatch(text)
        if match is None:
            raise ValueError(f"not an enhanced status code: {text!r}")
        return cls(*(int(group) for group in match.groups()))

    def __str__(self) -> str:
        return f"{self.klass}.{self.subject}.{self.detail}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What we give to a command (RFC 5321 section 4.2): code, perhaps an enhanced status, one line of text."""

    code: int
    status: Status | None
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.status} {self.text}" if self.status else f"{self.code} {self.text}"

    @property
    def ok(self) -> bool:
        """2xx and 3xx."""
        return self.code < 400

    @property
    def permanent(self) -> bool:
        """5xx: what the sender must change."""
        return self.code >= 500


@dataclass(frozen=True, slots=True)
class Sentence:
    """A row of the catalogue: basic code, enhanced status, and a plain sentence with {names} to fill in."""

    code: int
    status: Status
    text: str

    def fill(self, **names: object) -> str:
        """The sentence with its names: printable, on one line, and short enough for a reply line."""
        if not names:
            return self.text.format()
        return self.text.format(**{key: _clean(str(value)) for key, value in names.items()})

    def reply(self, **names: object) -> Reply:
        """The sentence as a reply to an SMTP command."""
        return Reply(self.code, self.status, self.fill(**names))


def _clean(text: str) -> str:
    return (text if text.isprintable() else _UNPRINTABLE.sub("?", text))[:200]


def _row(code: int, status: str, text: str) -> Sentence:
    return Sentence(code, Status.parse(status), text)


# The session.
GREETING_FULL = _row(421, "4.3.2", "too many connections, try again later")
TOO_MANY_FROM_YOU = _row(421, "4.7.0", "too many connections from your address, close one of them first")
CLOSING = _row(421, "4.3.2", "closing for a restart, try again later")
TIMED_OUT = _row(421, "4.4.2", "timed out waiting for you")
TOO_MANY_ERRORS = _row(421, "4.7.0", "too many errors")
TOO_MANY_COMMANDS = _row(421, "4.7.0", "too many commands")
ENOUGH_MAILS = _row(421, "4.7.0", "enough mails for one session, connect again for more")
SESSION_OVER = _row(421, "4.4.2", "this session has lasted long enough, connect again")
NO_PROXY = _row(554, "5.7.1", "your network may not speak for others")
RESET = _row(250, "2.0.0", "ok")
BYE = _row(221, "2.0.0", "bye")
SYNTAX = _row(501, "5.5.4", "syntax: {syntax}")
UNKNOWN_COMMAND = _row(500, "5.5.2", "command not recognized")
NOT_IMPLEMENTED = _row(502, "5.5.1", "command not implemented")
UNKNOWN_PARAMETER = _row(555, "5.5.4", "parameter {parameter} is not known here")
BAD_PARAMETER = _row(501, "5.5.4", "{parameter}: {why}")
DEADLINE_TOO_SOON = _row(555, "5.5.4", "BY: nothing is faxed in less than {least} seconds")
BAD_SEQUENCE = _row(503, "5.5.1", "{want} first")
COMMAND_TOO_LONG = _row(500, "5.5.2", "command line too long")
OUR_FAULT = _row(451, "4.3.0", "an error of ours, try again later")
VRFY = _row(252, "2.5.0", "cannot verify, but will take a mail")

# MAIL, RCPT and the start of DATA.
SENDER_OK = _row(250, "2.1.0", "ok")
RECIPIENT_OK = _row(250, "2.1.5", "ok, will fax to {number}")
POSTMASTER_OK = _row(250, "2.1.5", "ok")
BAD_REVERSE_PATH = _row(553, "5.1.7", "the sender's address is malformed")
BAD_FORWARD_PATH = _row(553, "5.1.3", "the recipient's address is malformed")
NOT_OUR_DOMAIN = _row(550, "5.1.2", "<{address}>: no fax service for this domain here")
NO_FAXBOX = _row(550, "5.7.1", "<{address}>: no faxbox of this account takes mail from this sender")
NULL_NEVER_FAXES = _row(550, "5.7.1", "<{address}>: a mail without a sender cannot be faxed")
NOT_PERMITTED = _row(550, "5.7.1", "<{address}>: not permitted to fax from here")
NOT_A_NUMBER = _row(550, "5.1.3", "<{address}>: this is not a fax number: {why}")
NOT_DIALLED = _row(550, "5.7.1", "<{address}>: this number may not be faxed: {why}")
NUMBER_RESTS = _row(
    550,
    "5.1.1",
    "<{address}>: the telephone network had no such number at the last {tries} tries, it is not called before {until}",
)
OVER_CAP = _row(452, "4.7.1", "<{address}>: {whose} may send no more than {cap}, try again after {until}")
NO_ROOM = _row(452, "4.7.1", "a limit on faxes was reached meanwhile, try again later")
SEND_SEPARATELY = _row(452, "4.5.3", "<{address}>: send this one again by itself")
TOO_MANY_RECIPIENTS = _row(452, "4.5.3", "too many recipients, send the rest in another mail")
TOO_LARGE = _row(552, "5.3.4", "the mail is larger than {limit} octets")
TOO_LARGE_FOR_FAXBOX = _row(552, "5.3.4", "<{address}>: the mail is larger than its fax service takes")
NO_SPACE = _row(452, "4.3.1", "no space to keep a mail just now, try again later")
NO_RECIPIENT = _row(554, "5.5.1", "no recipient was taken")
START_DATA = Reply(354, None, "send the mail, end with <CRLF>.<CRLF>")

DNS_FAULT = _row(451, "4.4.3", "DNS does not answer just now, try again later")
NOT_PROVEN = _row(550, "5.7.26", "not permitted to fax: {why}")

# STARTTLS (RFC 3207 section 4).
TLS_READY = _row(220, "2.0.0", "ready for TLS")
TLS_ALREADY = _row(503, "5.5.1", "TLS is in use already")

# SMTP AUTH (RFC 4954 section 6).
AUTH_OK = _row(235, "2.7.0", "signed in")
AUTH_ALREADY = _row(503, "5.5.1", "you have signed in already")
AUTH_FAILED = _row(535, "5.7.8", "user name or password is wrong")
AUTH_MALFORMED = _row(501, "5.5.2", "the credentials cannot be read")
AUTH_CANCELLED = _row(501, "5.7.0", "signing in was cancelled")
AUTH_MECHANISM = _row(504, "5.5.4", "sign in by PLAIN or LOGIN")
AUTH_NEEDS_TLS = _row(538, "5.7.11", "STARTTLS first")
AUTH_LATER = _row(454, "4.7.0", "signing in is not possible just now, try again later")
AUTH_TOO_OFTEN = _row(421, "4.7.0", "too many failures to sign in")

# The verdict after DATA.
TAKEN = _row(250, "2.0.0", "{mail} taken{tail}")
BARE_NEWLINE = _row(554, "5.6.0", "a bare CR or LF in the mail (RFC 5321 section 2.3.8)")
NUL_OCTET = _row(554, "5.6.0", "an octet of value 0 in the mail (RFC 2045 sections 2.7 and 2.8)")
LINE_TOO_LONG = _row(554, "5.6.0", "a line of the mail is longer than {limit} octets")
LOOP = _row(554, "5.4.6", "this mail has been here before, or went through too many servers")

# What rendering says of a mail (RFC 3463 section 3.7: X.6.x is message content or media).
NOTHING_TO_FAX = _row(554, "5.6.0", "the mail has nothing to fax: no document and no text")
BLANK = _row(554, "5.6.0", "the fax would be blank: nothing can be seen on its pages")
MAIL_UNREADABLE = _row(554, "5.6.0", "the mail cannot be read: {why}")
PART_UNREADABLE = _row(554, "5.6.0", "{part} cannot be read: it is damaged or not what it says it is")
PART_ENCRYPTED = _row(554, "5.6.0", "{part} is encrypted: send it without a password")
PART_UNKNOWN = _row(554, "5.6.1", "{part} is of a kind that cannot be faxed ({kind})")
PART_TOO_LARGE = _row(554, "5.6.0", "{part} is too large to be faxed: {why}")
TOO_MANY_PARTS = _row(554, "5.6.0", "the mail has more than {limit} parts")
TOO_MANY_PAGES = _row(554, "5.3.4", "the fax would have more than {limit} pages")
DOCUMENT_TOO_LARGE = _row(554, "5.3.4", "the fax is larger than its fax service takes")
HARD_TO_READ = _row(554, "5.6.0", "page {page} will be hard to read: {why}")
UNREADABLE = _row(554, "5.6.0", "{why}")
CONVERTER_DIED = _row(451, "4.3.0", "a converter failed on {part}, it will be tried once more")
CONVERTER_FAILED = _row(554, "5.6.0", "{part} cannot be turned into pages")

EVERY_PART = "the mail's documents"  # where it is not known which of them

PAGES_OVER_CAP = _row(450, "4.7.1", "{whose} may send no more than {cap}, the fax waits until {until}")
PAGES_BEYOND_CAP = _row(554, "5.7.1", "the fax has {pages} pages, and {whose} may send no more than {cap}")
IS_IT_RIGHT = _row(450, "4.7.0", "{number} was never faxed from here, and is nearly {meant}, which is faxed often")

# What became of a call.
BUSY = _row(450, "4.4.0", "the line was busy")
NO_ANSWER = _row(450, "4.4.1", "nobody answered the call")
NOT_A_FAX = _row(450, "4.4.0", "no fax machine answered the call")
PARTLY_SENT = _row(450, "4.4.2", "the call broke off after {pages} of {of} pages")
BROKE_OFF = _row(450, "4.4.2", "the call broke off before the last of {of} pages")
LINE_FAULT = _row(450, "4.4.2", "the line failed during the call")
NO_ROUTE = _row(550, "5.1.2", "there is no fax machine at {number}")
UNALLOCATED = _row(550, "5.1.1", "the telephone network has no number {number}")
BACKEND_DOWN = _row(451, "4.4.0", "the fax service cannot be reached just now")
BACKEND_REFUSED = _row(550, "5.7.0", "the fax service refused the fax: {why}")
BACKEND_FAILED = _row(450, "4.4.0", "the fax service could not send the fax: {why}")
GONE_QUIET = _row(450, "4.4.0", "the fax service does not have the fax")
MAYBE_SENT = _row(550, "5.4.7", "it is not known whether the fax was sent: ask the recipient before sending it again")
TRIES_USED_UP = _row(550, "5.4.7", "given up after try {tries}: {why}")
TIME_USED_UP = _row(550, "5.4.7", "it could not be sent in time; the last reason: {why}")
DEADLINE_OVER = _row(550, "5.4.7", "the time by which it was to be sent is over; the last reason: {why}")
CANCELLED = _row(550, "5.7.0", "the fax was cancelled")
NO_CALLBACK = _row(550, "5.7.0", "this does not come from the fax service")
DOCUMENT_GONE = _row(550, "5.6.0", "the fax service does not have the document any more")
NOT_A_FAX_FILE = _row(451, "4.6.0", "what the fax service has for this fax is neither a PDF nor a TIFF")
SENT = _row(250, "2.0.0", "the fax was sent")

# Notices on their way to the mail relay.
NOTICE_UNADDRESSED = _row(550, "5.1.3", "the notice has no address that it can be sent to")
NOTICE_WITHOUT_JOB = _row(550, "5.3.0", "the fax that the notice is about is not known any more")
WEBHOOK_UNHEARD = _row(451, "4.4.0", "the program that is to be told was not reached, or did not thank: {why}")
WEBHOOK_BARRED = _row(550, "5.4.0", "the program that is to be told may not be called, or wants no calls: {why}")
RELAY_DOWN = _row(451, "4.4.1", "the mail relay cannot be reached just now")
RELAY_DEFERRED = _row(451, "4.4.0", "the mail relay does not take the notice just now: {why}")
RELAY_REFUSED = _row(550, "5.0.0", "the mail relay refused the notice: {why}")
