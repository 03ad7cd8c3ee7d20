"""Settings become what each room wants to know.

In:    Settings.
Out:   the rooms' own frozen values; units are made of the rooms' liking here and nowhere else.
Fails: ConfigError, for what only the rooms can judge.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from smtpfax.config import Settings
from smtpfax.config.backends import Backend, Embedded, FaxOut, Kazoo, RingCentral
from smtpfax.dispatch.settings import (
    BackendSettings,
    EmbeddedSettings,
    FaxOutSettings,
    KazooSettings,
    RingCentralSettings,
)
from smtpfax.egress import Places
from smtpfax.intake.desk import Manners
from smtpfax.intake.proofs.play import Trust
from smtpfax.intake.tls import Files
from smtpfax.janitor import Keep
from smtpfax.mime.tree import MimeLimits
from smtpfax.model.document import Coding, Layout
from smtpfax.model.errors import ConfigError
from smtpfax.notice.compose import Site
from smtpfax.notice.relay import Relay
from smtpfax.render.asking import Asked
from smtpfax.render.limits import Limits
from smtpfax.sandbox import SandboxLimits
from smtpfax.sandbox.office import Office, OfficeLimits, find
from smtpfax.worker.workshop import Habits

HEARING_MARGIN = timedelta(seconds=5)  # for a 554 to travel, after the verdict's budget


def manners(settings: Settings) -> Manners:
    """For the SMTP door."""
    smtp = settings.smtp
    return Manners(
        hostname=settings.hostname,
        max_octets=smtp.max_message_bytes,
        max_recipients=smtp.max_recipients,
        max_line=smtp.max_line_bytes,
        max_errors=smtp.max_errors,
        max_sessions=smtp.max_sessions,
        command_seconds=smtp.command_seconds,
        data_seconds=smtp.data_seconds,
        min_data_rate=smtp.min_data_rate,
        inline_octets=smtp.inline_bytes,
        verdict_seconds=smtp.verdict_seconds,
        duplicate_hours=smtp.duplicate_hours,
        expiry=timedelta(hours=settings.queue.expiry_hours),
        most_hold=timedelta(days=smtp.hold_days),
        tells=settings.notices.enabled,
        postmaster=smtp.postmaster or settings.notices.from_address,
        trust=Trust(trusted=tuple(smtp.trusted_networks), relays=tuple(smtp.relays), authserv_id=smtp.authserv_id),
        max_sessions_each=smtp.max_sessions_per_client,
        max_mails=smtp.max_mails_per_session,
        max_arriving=smtp.max_arriving_bytes,
        max_idle=smtp.max_idle_commands,
        session_seconds=smtp.session_seconds,
        proxies=tuple(smtp.proxy_networks),
    )


def tls_files(settings: Settings) -> Files | None:
    """The door's certificate; without a key of its own, the key is in the same file."""
    certificate, key = settings.smtp.tls_certificate, settings.smtp.tls_key
    return Files(certificate=Path(certificate), key=Path(key or certificate)) if certificate else None


def habits(settings: Settings) -> Habits:
    """For the worker."""
    queue = settings.queue
    return Habits(
        workers=queue.workers,
        poll=timedelta(seconds=queue.poll_seconds),
        lease=timedelta(seconds=queue.lease_seconds),
        grace=timedelta(seconds=queue.in_doubt_grace_seconds),
        accepted_limit=timedelta(hours=queue.accepted_hours),
        hearing=timedelta(seconds=settings.smtp.verdict_seconds) + HEARING_MARGIN,
        notices=settings.notices.enabled,
        one_call=queue.one_call_per_number,
    )


def backend(section: Backend) -> BackendSettings:
    """For a fax service: the same keys, and a secret that is one no more."""
    values = section.model_dump(exclude={"kind"})
    match section:
        case Embedded():
            return EmbeddedSettings(**values)
        case Kazoo():
            return KazooSettings(**values | {"api_key": section.api_key.get_secret_value()})
        case RingCentral():
            secrets = {"client_secret": section.client_secret, "jwt": section.jwt}
            return RingCentralSettings(**values | {key: secret.get_secret_value() for key, secret in secrets.items()})
        case FaxOut():
            return FaxOutSettings(**values | {"password": section.password.get_secret_value()})


def sandbox_limits(settings: Settings) -> SandboxLimits:
    """For the worker processes."""
    sandbox = settings.sandbox
    return SandboxLimits(
        workers=sandbox.workers,
        memory_bytes=sandbox.memory_bytes,
        cpu_seconds=sandbox.cpu_seconds,
        wall_seconds=sandbox.wall_seconds,
        recycle_after=sandbox.recycle_after,
        bubblewrap=sandbox.bubblewrap,
    )


def office(settings: Settings) -> Office | None:
    """LibreOffice, where it is wanted and installed; ConfigError, where it is demanded and not."""
    section = settings.office
    program = None if section.enabled == "never" else find()
    if program is None and section.enabled == "always":
        raise ConfigError("office.enabled: LibreOffice is not installed, or not in PATH")
    limits = OfficeLimits(
        workers=section.workers,
        seconds=section.seconds,
        cpu_seconds=section.cpu_seconds,
        recycle_after=section.recycle_after,
        memory_bytes=section.memory_bytes,
        bubblewrap=settings.sandbox.bubblewrap,
    )
    return Office(limits, program) if program else None


def asked(settings: Settings) -> Asked:
    """For the renderer."""
    render = settings.render
    return Asked(
        layout=Layout(coding=Coding(render.coding)),
        limits=Limits(max_pages=render.max_pages, max_pixels=render.max_pixels, max_text_bytes=render.max_text_bytes),
        mime=MimeLimits(
            max_parts=render.max_parts, max_depth=render.max_depth, max_header_bytes=render.max_header_bytes
        ),
    )


def relay(settings: Settings) -> Relay:
    """For notices."""
    notices = settings.notices
    return Relay(
        host=notices.relay.host,
        port=notices.relay.port,
        hostname=settings.hostname,
        starttls=notices.starttls,
        username=notices.username,
        password=notices.password.get_secret_value(),
    )


def site(settings: Settings) -> Site:
    """Who the notices are from."""
    return Site(hostname=settings.hostname, from_address=settings.notices.from_address)


def places(settings: Settings) -> Places:
    """Where strangers' addresses may lead."""
    egress = settings.egress
    private = frozenset(place.lower() for place in egress.private)
    return Places(ports=frozenset(egress.ports), private=private, redirects=egress.redirects)


def keep(settings: Settings) -> Keep:
    """For the janitor."""
    retention = settings.retention
    return Keep(
        attempts=timedelta(days=retention.attempts_days),
        strangers=timedelta(days=retention.strangers_days),
        jobs=timedelta(days=retention.jobs_days),
        delay=timedelta(hours=settings.notices.delay_notice_hours) if settings.notices.enabled else None,
    )
