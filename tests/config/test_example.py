"""config.example.toml names every key, at its default, with its reason."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from smtpfax.config import Embedded, FaxOut, Kazoo, RingCentral, Section, Settings, describe, load

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
COMMENTED_KEY = re.compile(r"#(\w+ = |\[)")


@pytest.fixture(scope="module")
def uncommented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    lines = EXAMPLE.read_text().splitlines()
    path.write_text("\n".join(line[1:] if COMMENTED_KEY.match(line) else line for line in lines))
    return path


@pytest.fixture(scope="module")
def settings(uncommented: Path) -> Settings:
    credentials = uncommented.parent / "credentials"
    credentials.mkdir()
    for name in ("kazoo", "ringcentral", "ringcentral-jwt", "faxout"):
        (credentials / name).write_text("the key\n")
    return load(uncommented, {}, {"CREDENTIALS_DIRECTORY": str(credentials)})


def test_as_it_is_shipped_it_changes_nothing() -> None:
    assert load(EXAMPLE, {}, {}).model_dump() == Settings().model_dump()


def test_uncommented_it_says_the_defaults(settings: Settings) -> None:
    assert settings.model_dump(exclude={"backends"}) == Settings().model_dump(exclude={"backends"})


def test_no_key_is_missing(uncommented: Path, settings: Settings) -> None:
    origins = {key: origin for key, _, origin in describe(settings)}
    assert [key for key, origin in origins.items() if origin == "default"] == []
    assert set(tomllib.loads(uncommented.read_text())) == set(Settings.model_fields)


@pytest.mark.parametrize("kind", [Embedded, Kazoo, RingCentral, FaxOut])
def test_a_backend_is_shown_at_its_defaults(settings: Settings, kind: type[Section]) -> None:
    (shown,) = (backend for backend in settings.backends.values() if isinstance(backend, kind))
    assert dict(defaults(kind)).items() <= shown.model_dump().items()


def defaults(kind: type[Section]) -> Iterator[tuple[str, object]]:
    for name, field in kind.model_fields.items():
        default = field.get_default(call_default_factory=True, validated_data={})
        if default is not PydanticUndefined:
            yield name, default


def test_every_key_has_its_reason_above_it() -> None:
    blocks = EXAMPLE.read_text().split("\n\n")
    bare = [block for block in blocks if COMMENTED_KEY.match(block.removeprefix(section_head(block)))]
    assert bare == []


def section_head(block: str) -> str:
    found = re.match(r"#?\[[\w.]+\]\n", block)
    return found[0] if found and not found[0].startswith("#") else ""


def test_no_line_is_longer_than_the_code_may_be() -> None:
    assert [line for line in EXAMPLE.read_text().splitlines() if len(line) > 120] == []
