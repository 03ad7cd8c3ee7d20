"""Would this be faxed, and why not: the door's own policy, asked without a mail.

In:    a Trial: a client, a reverse-path, a recipient.
Out:   Tried: the reply that RCPT (or MAIL) would get now, with the proofs that were looked for.
Fails: Temporary, when DNS does not answer and no other proof can do.

Rule: what is asked here is what a session asks, from the same desk; nothing is written down, and nothing is counted.
"""

from __future__ import annotations

from dataclasses import replace

from smtpfax.model.address import ReversePath
from smtpfax.model.explain import explain
from smtpfax.model.trial import Trial, Tried

from .desk import Desk
from .policy import Ruling, admit, fax_domain, on_mail, on_rcpt


async def try_out(desk: Desk, trial: Trial) -> Tried:
    """As MAIL and RCPT would be answered."""
    sender = on_mail(f"FROM:<{trial.sender}>", desk.rules, has_space=desk.spool.enough_space)
    if sender.path is None:
        return Tried(reply=sender.reply)
    return await _recipient(desk, trial, sender.path)


async def _recipient(desk: Desk, trial: Trial, sender: ReversePath) -> Tried:
    argument, directory = f"TO:<{trial.recipient}>", desk.directory()
    domain = fax_domain(argument, directory)
    found = await desk.gatherer.early(trial.client, sender, directory=directory, domain=domain) if domain else ()
    client = replace(trial.client, proofs=found)
    pending = desk.gatherer.pending(client, sender)
    ruling = on_rcpt(argument, directory=directory, client=client, sender=sender, pending=pending)
    ruling = admit(ruling, sender=sender, octets=trial.octets, before=(), rules=desk.rules)
    return Tried(
        reply=ruling.reply,
        reason=ruling.reason,
        proofs=found,
        awaited=ruling.awaited,
        account_id=ruling.choice.account.id if ruling.choice.account else "",
        faxbox_id=ruling.choice.faxbox.id if ruling.choice.faxbox else "",
        steps=_steps(desk, ruling),
    )


def _steps(desk: Desk, ruling: Ruling) -> dict[str, str]:
    """How the number is read and judged, once it is known for whom."""
    account, faxbox = ruling.choice.account, ruling.choice.faxbox
    if account is None or faxbox is None:
        return {}
    directory = desk.directory()
    found = explain(
        ruling.to,
        region=account.region,
        is_ours=lambda domain: directory.of_domain(domain) is not None,
        account=account.dial,
        faxbox=faxbox.dial,
    )
    return dict(found.steps)
