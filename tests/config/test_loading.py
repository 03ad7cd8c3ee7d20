"""Where settings come from, which of them wins, and what an administrator is shown of them."""

import json
import pickle
from pathlib import Path

import pytest
from pydantic import ValidationError

from smtpfax.config import ConfigFault, Kazoo, Settings, Smtp, describe, load, load_admin, schema

KAZOO = """
[backends.kazoo]
kind = "kazoo"
url = "https://api.example.com:8443/v2/"
account_id = "abc"
api_key = {api_key}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def faults(environ: dict[str, str], path: Path | None = None) -> str:
    with pytest.raises(ConfigFault) as raised:
        load(path, {}, environ)
    return str(raised.value)


def test_without_anything_the_defaults_hold() -> None:
    assert load(None, {}, {}).model_dump() == Settings().model_dump()


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(path: Path) -> None:
    path.write_text("[smtp]\nmax_recipients = 1\nmax_sessions = 1\nmax_errors = 1\n")
    environ = {"SMTPFAX_SMTP__MAX_SESSIONS": "2", "SMTPFAX_SMTP__MAX_ERRORS": "2"}
    smtp = load(path, {"smtp": {"max_errors": 3}}, environ).smtp
    assert (smtp.max_recipients, smtp.max_sessions, smtp.max_errors) == (1, 2, 3)


def test_lists_are_replaced_and_not_joined(path: Path) -> None:
    path.write_text('[smtp]\nlisten = ["127.0.0.1:25", "[::1]:25"]\n')
    settings = load(path, {}, {"SMTPFAX_SMTP__LISTEN": '["fd:smtp"]'})
    assert settings.smtp.listen == ("fd:smtp",)


def test_the_environment_reaches_into_a_named_backend(path: Path) -> None:
    path.write_text(KAZOO.format(api_key='"from the file"'))
    environ = {"SMTPFAX_BACKENDS__KAZOO__API_KEY": "from the environment", "SMTPFAX_BACKENDS__LINE__KIND": "embedded"}
    backends = load(path, {}, environ).backends
    assert sorted(backends) == ["kazoo", "line"]
    assert isinstance(backends["kazoo"], Kazoo)
    assert backends["kazoo"].api_key.get_secret_value() == "from the environment"


def test_a_table_may_be_one_variable_and_parts_of_it_others() -> None:
    environ = {"SMTPFAX_SMTP": '{"max_errors": 5, "max_sessions": 5}', "SMTPFAX_SMTP__MAX_ERRORS": "6"}
    smtp = load(None, {}, environ).smtp
    assert (smtp.max_errors, smtp.max_sessions) == (6, 5)


def test_a_text_that_looks_like_json_stays_a_text() -> None:
    assert load(None, {}, {"SMTPFAX_NOTICES__RELAY": "[::1]:25"}).notices.relay == "[::1]:25"


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"SMTPFAX_HOSTNAM": "x"}, "hostnam: unknown key; did you mean hostname? (from SMTPFAX_HOSTNAM)"),
        ({"SMTPFAX_SMTP__MAXERRORS": "5"}, "smtp.maxerrors: unknown key; did you mean max_errors?"),
        ({"SMTPFAX_HOSTNAME": "-"}, "hostname: '-' is not a domain name (from SMTPFAX_HOSTNAME)"),
        (
            {"SMTPFAX_SMTP__LISTEN": "127.0.0.1:25"},
            'smtp.listen: must be a list, written as JSON: ["a", "b"] (from SMTPFAX_SMTP__LISTEN)',
        ),
        ({"SMTPFAX_SMTP__RELAYS": '["10.0.0.0/8"'}, 'smtp.relays: must be a list, written as JSON: ["a", "b"]'),
        ({"SMTPFAX_SMTP__MAX_ERRORS": "x"}, "smtp.max_errors: must be a whole number (from SMTPFAX_SMTP__MAX_ERRORS)"),
        ({"SMTPFAX_SMTP": "x"}, "smtp: must be a table (from SMTPFAX_SMTP)"),
        (
            {"SMTPFAX_SMTP": "x", "SMTPFAX_SMTP__MAX_ERRORS": "5"},
            "smtp.max_errors: is set in part by SMTPFAX_SMTP__MAX_ERRORS and as a whole by another variable",
        ),
        (
            {"SMTPFAX_BACKENDS__X": '{"kind": "embedded", "numbers": {"12": "busy"}}'},
            "backends.x.numbers.12: '12' must be a number such as \"+12025550199\" (from SMTPFAX_BACKENDS__X)",
        ),
    ],
)
def test_a_fault_in_the_environment_names_the_key_and_the_variable(environ: dict[str, str], line: str) -> None:
    assert line in faults(environ)


def test_variables_that_are_no_settings_are_left_alone() -> None:
    environ = {"SMTPFAX_CONFIG": "/etc/smtpfax/config.toml", "SMTPFAX_CI": "1", "SMTPFAXES": "x", "HOME": "/"}
    assert load(None, {}, environ).model_dump() == Settings().model_dump()


def test_the_process_s_environment_is_read_unless_another_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPFAX_HOSTNAME", "fax.example.com")
    assert load(None).hostname == "fax.example.com"
    assert load(None, {}, {}).hostname == "localhost"
    assert Settings().hostname == "localhost"


@pytest.mark.parametrize(
    "reference", ['"hunter2"', '{credential = "kazoo"}', '{file = "FOLDER/kazoo"}', '{env = "SMTPFAX_KAZOO_KEY"}']
)
def test_a_secret_may_lie_elsewhere(path: Path, reference: str) -> None:
    (path.parent / "kazoo").write_text("hunter2\n")
    path.write_text(KAZOO.format(api_key=reference.replace("FOLDER", str(path.parent))))
    environ = {"CREDENTIALS_DIRECTORY": str(path.parent)}
    if "env" in reference:
        environ["SMTPFAX_KAZOO_KEY"] = "hunter2"
    kazoo = load(path, {}, environ).backends["kazoo"]
    assert isinstance(kazoo, Kazoo)
    assert kazoo.api_key.get_secret_value() == "hunter2"


def test_who_asks_the_daemon_needs_none_of_its_secrets(path: Path) -> None:
    path.write_text(KAZOO.format(api_key='{credential = "kazoo"}') + '[admin]\nsocket = "/run/there"\n')
    assert "api_key" in faults({}, path)
    assert str(load_admin(path, {}).socket) == "/run/there"
    assert str(load_admin(path, {"SMTPFAX_ADMIN__SOCKET": "/run/here"}).socket) == "/run/here"
    with pytest.raises(ConfigFault, match=r"admin\.sockt: unknown key; did you mean socket\?"):
        load_admin(path, {"SMTPFAX_ADMIN__SOCKT": "/run/here"})


def test_a_reference_replaces_another_as_a_whole(path: Path) -> None:
    path.write_text(KAZOO.format(api_key='{credential = "kazoo"}'))
    environ = {"SMTPFAX_BACKENDS__KAZOO__API_KEY": '{"env": "KEY"}', "KEY": "hunter2"}
    kazoo = load(path, {}, environ).backends["kazoo"]
    assert isinstance(kazoo, Kazoo)
    assert kazoo.api_key.get_secret_value() == "hunter2"


@pytest.mark.parametrize("name", ["../kazoo", "", ".."])
def test_a_credential_is_a_name_and_not_a_path(path: Path, name: str) -> None:
    path.write_text(KAZOO.format(api_key=f'{{credential = "{name}"}}'))
    assert f"{name!r} is not the name of a credential" in faults({"CREDENTIALS_DIRECTORY": "/"}, path)


def test_a_secret_that_is_not_text_is_a_fault(path: Path) -> None:
    (path.parent / "kazoo").write_bytes(b"\xff\xfe")
    path.write_text(KAZOO.format(api_key='{credential = "kazoo"}'))
    assert "is not UTF-8 text" in faults({"CREDENTIALS_DIRECTORY": str(path.parent)}, path)


def test_a_secret_is_shown_nowhere(path: Path) -> None:
    path.write_text(KAZOO.format(api_key='"hunter2"'))
    settings = load(path, {}, {})
    assert "hunter2" not in f"{settings!r} {settings} {describe(settings)} {settings.model_dump_json()}"
    assert ("backends.kazoo.api_key", "(secret)", f"file {path}") in describe(settings)
    assert ("notices.password", '""', "default") in describe(settings)


def test_each_value_tells_where_it_came_from(path: Path) -> None:
    path.write_text(
        'hostname = "fax.example.com"\n[backends.line]\nkind = "embedded"\nnumbers = {"+12025550199"="busy"}\n'
    )
    environ = {"SMTPFAX_SMTP__MAX_ERRORS": "5", "SMTPFAX_LOG": '{"level": "debug"}'}
    shown = {key: (value, origin) for key, value, origin in describe(load(path, {"queue": {"workers": 2}}, environ))}
    assert shown["hostname"] == ('"fax.example.com"', f"file {path}")
    assert shown["smtp.max_errors"] == ("5", "environment SMTPFAX_SMTP__MAX_ERRORS")
    assert shown["log.level"] == ('"debug"', "environment SMTPFAX_LOG")
    assert shown["queue.workers"] == ("2", "command line")
    assert shown["smtp.listen"] == ('["127.0.0.1:2525"]', "default")
    assert shown["notices.from"] == ('"fax@localhost"', "default")
    assert shown["notices.enabled"] == ("true", "default")
    assert shown["backends.line.numbers"] == ('{"+12025550199": "busy"}', f"file {path}")


def test_settings_are_frozen() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.hostname = "other.example.com"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        settings.smtp.max_errors = 5  # type: ignore[misc]


def test_a_section_can_be_made_by_itself() -> None:
    assert Smtp.model_validate({"listen": ["127.0.0.1:0"]}).listen == ("127.0.0.1:0",)


def test_settings_can_be_handed_to_another_process() -> None:
    settings = Settings()
    copy = pickle.loads(pickle.dumps(settings))
    assert copy == settings
    assert copy.smtp.listen[0].where == settings.smtp.listen[0].where


def test_the_schema_is_json_and_knows_every_section() -> None:
    written = json.loads(json.dumps(schema()))
    assert set(written["properties"]) == set(Settings.model_fields)
    assert written["additionalProperties"] is False
    assert "from" in written["$defs"]["Notices"]["properties"]


@pytest.mark.parametrize("url", ["https://a.example", "http://127.0.0.1:8080", "http://[::1]:80", "http://localhost"])
def test_a_secret_goes_over_https_or_to_this_very_machine(tmp_path: Path, url: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[backends.x]\nkind = "faxout"\nurl = "{url}"\nusername = "1"\npassword = "p"\n')
    assert load(path, {}, {}).backends["x"].model_dump()["url"] == url
