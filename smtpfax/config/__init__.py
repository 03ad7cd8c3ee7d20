"""Settings: read once, frozen, handed out by section (`load`, `load_admin`, `describe`, `schema`, the models)."""

from smtpfax.config.backends import Backend, Embedded, FaxOut, Kazoo, RingCentral
from smtpfax.config.faults import ConfigFault
from smtpfax.config.loading import load, load_admin
from smtpfax.config.places import Inherited, Listen, Tcp, Unix
from smtpfax.config.sections import (
    Admin,
    Http,
    Log,
    Notices,
    Queue,
    Render,
    Retention,
    Sandbox,
    Section,
    Smtp,
    Spool,
    Store,
)
from smtpfax.config.settings import Settings, describe, schema
from smtpfax.config.values import HostPort, StoreUrl

__all__ = [
    "Admin",
    "Backend",
    "ConfigFault",
    "Embedded",
    "FaxOut",
    "HostPort",
    "Http",
    "Inherited",
    "Kazoo",
    "Listen",
    "Log",
    "Notices",
    "Queue",
    "Render",
    "Retention",
    "RingCentral",
    "Sandbox",
    "Section",
    "Settings",
    "Smtp",
    "Spool",
    "Store",
    "StoreUrl",
    "Tcp",
    "Unix",
    "describe",
    "load",
    "load_admin",
    "schema",
]
