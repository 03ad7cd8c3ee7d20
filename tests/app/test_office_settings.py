"""LibreOffice as the settings have it: used where it is, demanded or not, and `check` says how it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtpfax.app.check import check_here, check_online, remarks
from smtpfax.app.translate import office
from smtpfax.config import Settings, load
from smtpfax.model.errors import ConfigError
from smtpfax.sandbox.office import find

installed = pytest.mark.skipif(find() is None, reason="LibreOffice is not installed on this machine")


def settings(folder: Path, enabled: str) -> Settings:
    text = f"""
[store]
url = "sqlite:///{folder}/x.db"
[spool]
path = "{folder}/spool"
[admin]
socket = "{folder}/admin.sock"
[office]
enabled = "{enabled}"
seconds = 7
[backends.line]
kind = "embedded"
"""
    path = folder / "config.toml"
    path.write_text(text)
    return load(path, {}, {})


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without LibreOffice."""
    monkeypatch.setenv("PATH", str(tmp_path))


@installed
@pytest.mark.parametrize("enabled", ["auto", "always"])
def test_it_is_used_where_it_is(tmp_path: Path, enabled: str) -> None:
    found = settings(tmp_path, enabled)
    made = office(found)
    assert made is not None
    assert (made.limits.seconds, check_here(found), remarks(found)) == (7, [], [])
    assert "writer" in made.applications


@installed
def test_it_can_be_left_alone(tmp_path: Path) -> None:
    found = settings(tmp_path, "never")
    assert (office(found), check_here(found), remarks(found)) == (None, [], [])


def test_where_it_is_missing_check_says_what_that_means(tmp_path: Path, nowhere: None) -> None:
    found = settings(tmp_path, "auto")
    assert (office(found), check_here(found)) == (None, [])
    (words,) = remarks(found)
    assert (
        words == "office: LibreOffice is not installed, so files of Word, Excel, PowerPoint and their kin are refused"
    )


def test_where_it_is_demanded_and_missing_nothing_starts(tmp_path: Path, nowhere: None) -> None:
    found = settings(tmp_path, "always")
    with pytest.raises(ConfigError):
        office(found)
    assert check_here(found) == ["office.enabled: LibreOffice is not installed, or not in PATH"]


@installed
async def test_asked_online_it_is_tried(tmp_path: Path) -> None:
    assert [fault for fault in await check_online(settings(tmp_path, "always")) if fault.startswith("office")] == []


def test_a_program_that_is_no_libreoffice_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "soffice").write_text("#!/bin/sh\n")
    (tmp_path / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find() is None
