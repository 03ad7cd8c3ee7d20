"""Bad files, each with the lines that `smtpfax check` must print for it, in comments at its top."""

import re
from itertools import takewhile
from pathlib import Path

import pytest

from smtpfax.config import ConfigFault, load

FILES = sorted((Path(__file__).parent / "bad").glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_file_is_told_key_by_key(path: Path) -> None:
    lines = takewhile(lambda line: line.startswith("# "), path.read_text().splitlines())
    expected = [line.removeprefix("# ").replace("FILE", str(path)) for line in lines]
    with pytest.raises(ConfigFault) as raised:
        load(path, {}, {})
    assert expected
    assert without_columns(str(raised.value)) == without_columns("\n".join(expected))
    assert raised.value.faults == tuple(split(line) for line in str(raised.value).splitlines())


def without_columns(text: str) -> str:
    """Python's versions word and place their complaints about TOML's syntax a little differently."""
    return re.sub(r"(is not TOML): .*", r"\1", text)


def split(line: str) -> tuple[str, str]:
    path, _, reason = line.partition(": ")
    return path, reason


def test_a_fault_never_quotes_a_secret() -> None:
    for path in FILES:
        with pytest.raises(ConfigFault) as raised:
            load(path, {}, {})
        assert "hunter2" not in str(raised.value)


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    missing = tmp_path / "config.toml"
    with pytest.raises(ConfigFault) as raised:
        load(missing, {}, {})
    assert raised.value.faults == ((str(missing), "cannot be read: No such file or directory"),)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="cannot be read: Is a directory"):
        load(tmp_path, {}, {})


def test_a_file_in_another_charset_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b'hostname = "caf\xe9.example"')
    with pytest.raises(ConfigFault, match=r"is not UTF-8 text \(octet 15\)"):
        load(path, {}, {})
