"""Settings: the whole configuration, read once, frozen, handed out by section.

In:    one merged table
Out:   Settings; `describe` for `smtpfax config show`, `schema` for `smtpfax config schema`
Fails: pydantic's ValidationError, which load() turns into ConfigFault
Rule:  settings know nobody: no other room is asked which values are legal.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from smtpfax.config.backends import Backend
from smtpfax.config.sections import (
    Admin,
    Alerts,
    Egress,
    Http,
    Log,
    Notices,
    Office,
    Queue,
    Render,
    Retention,
    Sandbox,
    Section,
    Smtp,
    Spool,
    Store,
    Webhooks,
)
from smtpfax.config.values import Domain, matching

# Lower case, so that the environment can name it; no double underscore, which parts a variable's name.
BackendName = Annotated[
    str, matching(r"[a-z0-9]+([_-][a-z0-9]+)*", "is no name for a backend: use a-z, 0-9 and single - or _")
]


class Settings(BaseSettings):
    """Everything an administrator can set; `Settings()` is the defaults, and reads nothing."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)

    hostname: Domain = "localhost"
    smtp: Smtp = Smtp()
    http: Http = Http()
    admin: Admin = Admin()
    store: Store = Store()
    spool: Spool = Spool()
    sandbox: Sandbox = Sandbox()
    office: Office = Office()
    render: Render = Render()
    queue: Queue = Queue()
    notices: Notices = Notices()
    egress: Egress = Egress()
    webhooks: Webhooks = Webhooks()
    retention: Retention = Retention()
    alerts: Alerts = Alerts()
    log: Log = Log()
    backends: dict[BackendName, Backend] = {}

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed in: load() merges the layers itself, for it must know where each value came from."""
        return (init_settings,)

    def remember(self, origins: Mapping[str, str]) -> None:
        """Keep where each value came from, by its dotted key."""
        self._origins.update(origins)

    def origin(self, key: str) -> str:
        """Where the value of a dotted key came from."""
        # A table given as one value (a rehearsal table, a reference) has its origins at keys below this one.
        below = (origin for path, origin in self._origins.items() if path.startswith(f"{key}."))
        return self._origins.get(key) or next(below, "default")


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Every key as (dotted key, value as JSON, where it came from); a secret that is set is `(secret)`."""
    return [(key, _shown(value), settings.origin(key)) for key, value in _leaves(settings, "")]


def schema() -> dict[str, Any]:
    """The JSON schema of the configuration file, for editors."""
    return Settings.model_json_schema()


def _leaves(model: BaseModel, prefix: str) -> Iterator[tuple[str, object]]:
    for name, field in type(model).model_fields.items():
        key = prefix + (field.alias or name)
        value = getattr(model, name)
        if isinstance(value, Section):
            yield from _leaves(value, f"{key}.")
        elif key == "backends":
            for backend, section in value.items():
                yield from _leaves(section, f"{key}.{backend}.")
        else:
            yield key, value


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "(secret)" if value.get_secret_value() else '""'
    if isinstance(value, tuple):
        return json.dumps([str(item) for item in value])
    plain = isinstance(value, bool | int | float | Mapping)
    return json.dumps(value if plain else str(value), ensure_ascii=False)
