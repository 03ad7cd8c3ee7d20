"""The units: systemd understands them, they are as closed as promised, and converters can still be locked in."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"
ANALYZE = shutil.which("systemd-analyze")

pytestmark = pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units with commands that exist: `verify` looks for them, and smtpfax need not be installed here."""
    for unit in (*UNITS.glob("*.service"), *UNITS.glob("*.socket")):
        text = re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", unit.read_text(), flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text)
    return tmp_path


def analyze(*args: str | Path) -> subprocess.CompletedProcess[str]:
    assert ANALYZE
    return subprocess.run([ANALYZE, *args], capture_output=True, text=True, timeout=60, check=False)


def values(unit: str, key: str) -> Iterator[str]:
    for line in (UNITS / unit).read_text().splitlines():
        name, _, value = line.partition("=")
        if name == key:
            yield value


def test_systemd_understands_every_unit(units: Path) -> None:
    done = analyze("verify", "--man=no", "--recursive-errors=no", *sorted(units.iterdir()))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_exposure_is_two_or_less(units: Path) -> None:
    done = analyze("security", "--offline=true", "--threshold=20", "--no-pager", units / "smtpfax.service")
    assert done.returncode == 0, done.stdout


def test_bubblewrap_may_make_its_namespaces() -> None:
    (allowed,) = values("smtpfax.service", "RestrictNamespaces")
    assert set(allowed.split()) >= {"user", "mnt", "pid", "net", "ipc", "uts"}
    assert not [*values("smtpfax.service", "ProcSubset")]
    assert "@mount" in next(values("smtpfax.service", "SystemCallFilter"))
    assert "AF_NETLINK" in next(values("smtpfax.service", "RestrictAddressFamilies"))


def test_a_reload_is_checked_before_it_is_asked_for() -> None:
    first, second = values("smtpfax.service", "ExecReload")
    assert first.startswith("smtpfax check ")
    assert second == "kill -HUP $MAINPID"


def test_a_bad_configuration_is_not_tried_again() -> None:
    assert [*values("smtpfax.service", "RestartPreventExitStatus")] == ["78"]


def test_every_socket_has_the_name_the_example_gives() -> None:
    names = {unit.name: [*values(unit.name, "FileDescriptorName")] for unit in UNITS.glob("*.socket")}
    assert names == {
        "smtpfax.socket": ["smtp"],
        "smtpfax-smtps.socket": ["smtps"],
        "smtpfax-http.socket": ["http"],
    }


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="needs systemd-sysusers")
def test_the_user_can_be_made() -> None:
    command = ["systemd-sysusers", "--dry-run", UNITS / "smtpfax.sysusers"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    (user,) = values("smtpfax.service", "User")
    assert f"\nu {user} " in (UNITS / "smtpfax.sysusers").read_text()


def test_a_worker_may_make_its_code() -> None:
    assert not [*values("smtpfax.service", "MemoryDenyWriteExecute")]
