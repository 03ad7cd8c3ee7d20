"""AUTH, as one session goes through it (RFC 4954).

In:    AUTH's argument, and the lines that answer our challenges.
Out:   a reply; the user, when the password was theirs.
Fails: Hangup after too many failures.

Rule: once, and never within a transaction; whoever calls has made sure of TLS.
"""

from __future__ import annotations

from smtpfax import logs
from smtpfax.model import status as say
from smtpfax.model.errors import Temporary
from smtpfax.model.status import Reply

from .proofs.auth import SignIn
from .proofs.sasl import BadExchange, Challenge, Credentials, read_auth
from .session import Session
from .wire import Answer, Hangup, Wire

MOST_FAILURES = 3
log = logs.get("smtpd")


class Signing:
    """One session's attempts to sign in."""

    __slots__ = ("_failures", "_sign_in", "_talk", "_wire")

    def __init__(self, wire: Wire, talk: Session, sign_in: SignIn) -> None:
        self._wire = wire
        self._talk = talk
        self._sign_in = sign_in
        self._failures = 0

    def auth(self, argument: str) -> Answer:
        """The AUTH command, within TLS."""
        client = self._talk.client
        if not client.helo:
            return say.BAD_SEQUENCE.reply(want="EHLO")
        if client.user:
            return say.AUTH_ALREADY.reply()
        if self._talk.underway:
            return say.BAD_SEQUENCE.reply(want="RSET")
        return self._exchange(argument)

    async def _exchange(self, argument: str) -> Reply:
        try:
            exchange, step = read_auth(argument)
            while isinstance(step, Challenge):
                line = await self._wire.ask(Reply(334, None, step.text))
                step = exchange.step(line.decode("latin-1"))  # what is not base64 is refused there
        except BadExchange as bad:
            return bad.reply
        return await self._check(step)

    async def _check(self, credentials: Credentials) -> Reply:
        client, reply = self._talk.client, say.AUTH_FAILED.reply()
        try:
            user = await self._sign_in.check(credentials, client.address)
        except Temporary as fault:  # who is shut out, or comes when too many do
            user, reply = None, fault.sentence.reply()
        if user:
            log.info("signed in", client=client, user=user)
            self._talk.signed_in(user)
            return say.AUTH_OK.reply()
        log.info("not signed in", client=client, user=credentials.user, reply=reply)
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            raise Hangup(say.AUTH_TOO_OFTEN.reply())
        return reply
