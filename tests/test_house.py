"""The rules of the house, held against the code: who may import whom, one door a library, no circle, a manual page.

To allow a room something new, change the table here; there is no other place.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

HOUSE = "smtpfax"
ROOT = Path(__file__).parents[1] / HOUSE

STAGES = {"intake", "render", "dispatch", "notice", "inbound"}
# Not listed below, for every room outside the pure ones may: log, and name the type of the settings it is handed.
GROUND = {"logs", "config"}
PURE = {"model", "mime", "config", "logs"}
WIRING = {"app", "cli", "testing", "__main__"}

MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "config": set(),
    "logs": set(),
    "mime": {"model"},
    "spool": {"model"},
    "egress": {"model"},
    "sandbox": {"model"},
    "journal": {"model"},
    "store": {"model", "journal"},
    "render": {"model", "mime", "spool", "sandbox"},
    "dispatch": {"model", "spool", "egress"},
    "inbound": {"model", "spool", "egress"},
    "notice": {"model", "spool", "egress"},
    "intake": {"model", "mime", "spool", "sandbox", "store"},
    "api": {"model", "spool", "egress", "store"},
    "web": {"model", "spool", "egress", "store", "api"},
    "verdicts": {"model", "store"},
    "worker": {"model", "spool", "store", "verdicts"} | STAGES,
    "janitor": {"model", "spool", "store"} | STAGES,
    "watch": {"model", "spool", "store", "notice"},
}

# The longest name that fits decides; `testing` may open any door, for it plays the world outside.
DOORS: dict[str, set[str]] = {
    "aiosmtpd": {"intake"},
    "aiohttp": {"egress"},
    "aiohttp.web": {"api", "web"},
    "aiohttp.multipart": {"api"},
    "aiohttp.http_exceptions": {"api"},
    "aiohttp.hdrs": {"egress", "api", "web"},
    "sqlalchemy": {"store"},
    "aiosqlite": {"store"},
    "sqlite3": {"store", "journal"},
    "alembic": {"store"},
    "pydantic": {"config", "api"},
    "pydantic_core": {"config", "api"},
    "pydantic_settings": {"config"},
    "subprocess": {"sandbox", "journal"},
    "multiprocessing": {"sandbox"},
    "asyncio.subprocess": {"sandbox"},
    "asyncio.create_subprocess_exec": {"sandbox"},
    "asyncio.create_subprocess_shell": {"sandbox"},
    "concurrent.futures.ProcessPoolExecutor": {"sandbox"},
    "os.fork": {"sandbox"},
    "os.system": set(),
    "aiosmtplib": {"notice"},
    "argon2": {"api", "intake"},
    "cryptography": {"intake"},
    "dns": {"intake"},
    "re2": {"model"},
    "smtplib": {"notice"},
    "typer": {"cli"},
    "wasmtime": {"render"},
}

MANUAL = ("In:", "Out:", "Fails:")
GREEDY_GROUP = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+")


@dataclass(frozen=True)
class Module:
    """A module of the house: its dotted name, and what it says."""

    name: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The first name below the house; the house's own __init__ has none."""
        return ".".join(self.name.split(".")[1:2])

    def imports(self, node: ast.AST | None = None) -> Iterator[str]:
        """The full dotted names it imports, `from a import b` as a.b; modules it uses by attribute as well."""
        for part in ast.walk(node or self.tree):
            if isinstance(part, ast.Import):
                yield from (alias.name for alias in part.names)
            elif isinstance(part, ast.ImportFrom):
                yield from (f"{part.module}.{alias.name}" for alias in part.names)
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                yield from [f"{part.value.id}.{part.attr}"] * (part.value.id in ("asyncio", "os"))

    def of_the_house(self, node: ast.AST | None = None) -> Iterator[str]:
        """Those of its imports that are of the house."""
        yield from (name for name in self.imports(node) if name.split(".")[0] == HOUSE)


def module(name: str, source: str) -> Module:
    return Module(name, ast.parse(source))


def modules() -> dict[str, Module]:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        steps = path.relative_to(ROOT.parent).with_suffix("").parts
        name = ".".join(steps[:-1] if steps[-1] == "__init__" else steps)
        found[name] = module(name, path.read_text(encoding="utf-8"))
    return found


ALL = modules()
EACH = pytest.mark.parametrize("each", ALL.values(), ids=ALL.keys())


def trespasses(each: Module) -> list[str]:
    if each.room not in MAY_IMPORT:  # a room unknown to the table is the matter of a test of its own
        return []
    allowed = MAY_IMPORT[each.room] | {each.room} | (set() if each.room in PURE else GROUND)
    return [name for name in each.of_the_house() if name.split(".")[1] not in allowed | {"__version__"}]


def wrong_doors(each: Module) -> list[str]:
    return [name for name in each.imports() if (rooms := door(name)) is not None and each.room not in rooms]


def door(name: str) -> set[str] | None:
    """The rooms that may import `name`; None: every room."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        rooms = DOORS.get(".".join(parts[:end]))
        if rooms is not None:
            return rooms | {"testing"}
    return None


def hidden_imports(each: Module) -> list[str]:
    if each.room == "cli":  # must start fast
        return []
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [name for node in ast.walk(each.tree) if isinstance(node, functions) for name in each.of_the_house(node)]


def greedy_groups(each: Module) -> list[str]:
    """Expressions with a possessive quantifier behind a group; an atomic group does the same.

    Of a last round that fails, Python before 3.11.5, as Debian 12 has it, keeps what matched so far (gh-106052).
    """
    texts = (node.value for node in ast.walk(each.tree) if isinstance(node, ast.Constant))
    return [text for text in texts if isinstance(text, str) and GREEDY_GROUP.search(text)]


def needs_a_manual(name: str) -> bool:
    """Packages' own files and the migrations' versions say in a line what they are."""
    is_package = ROOT.parent.joinpath(*name.split(".")).is_dir()
    return not is_package and ".migrations.versions." not in name


def graph(house: dict[str, Module]) -> dict[str, set[str]]:
    """Which module needs which, as far as both are of the house."""
    return {each.name: {target(name, house) for name in each.of_the_house()} - {each.name} for each in house.values()}


def target(name: str, house: dict[str, Module]) -> str:
    """The module that `from a import b` reads: a.b if that is a module, else a."""
    return name if name in house else name.rpartition(".")[0]


@EACH
def test_a_room_imports_only_the_rooms_it_may(each: Module) -> None:
    assert trespasses(each) == []


@EACH
def test_a_library_comes_in_by_one_door(each: Module) -> None:
    assert wrong_doors(each) == []


@EACH
def test_no_import_of_the_house_hides_in_a_function(each: Module) -> None:
    assert hidden_imports(each) == []


@EACH
def test_no_group_is_possessive(each: Module) -> None:
    assert greedy_groups(each) == []


@EACH
def test_a_module_opens_with_its_manual_page(each: Module) -> None:
    text = ast.get_docstring(each.tree) or ""
    assert text
    assert [word for word in MANUAL if word not in text and needs_a_manual(each.name)] == []


def test_every_room_stands_in_the_table() -> None:
    assert {each.room for each in ALL.values()} - {"", *MAY_IMPORT, *WIRING} == set()


def test_no_import_goes_in_a_circle() -> None:
    try:
        TopologicalSorter(graph(ALL)).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_table_itself_has_no_circle() -> None:
    TopologicalSorter(MAY_IMPORT).prepare()


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("smtpfax.model.job", "from smtpfax.store import jobs"),
        ("smtpfax.model.job", "from smtpfax import logs"),
        ("smtpfax.render.pages", "import smtpfax.dispatch.kazoo"),
        ("smtpfax.render.pages", "def f():\n    from smtpfax.intake import policy"),
    ],
)
def test_a_trespass_is_seen(name: str, source: str) -> None:
    assert trespasses(module(name, source)) != []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("smtpfax.api.server", "import aiohttp"),
        ("smtpfax.api.server", "from aiohttp import ClientSession"),
        ("smtpfax.egress", "from aiohttp import web"),
        ("smtpfax.dispatch.kazoo", "import aiohttp.client"),
        ("smtpfax.worker", "from sqlalchemy.ext import asyncio"),
        ("smtpfax.render.office", "import subprocess"),
        ("smtpfax.render.office", "import asyncio\nasyncio.create_subprocess_exec('x')"),
        ("smtpfax.model.job", "from pydantic import BaseModel"),
    ],
)
def test_a_wrong_door_is_seen(name: str, source: str) -> None:
    assert wrong_doors(module(name, source)) != []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("smtpfax.api.server", "from aiohttp import web"),
        ("smtpfax.api.server", "from aiohttp.web import Request"),
        ("smtpfax.egress", "from aiohttp import ClientSession, hdrs"),
        ("smtpfax.testing", "import aiohttp, subprocess"),
        ("smtpfax.sandbox", "import asyncio.subprocess"),
    ],
)
def test_a_right_door_is_let_be(name: str, source: str) -> None:
    assert wrong_doors(module(name, source)) == []


def test_a_hidden_import_is_seen() -> None:
    source = "def f():\n    from smtpfax.model import job"
    assert hidden_imports(module("smtpfax.store.jobs", source)) == ["smtpfax.model.job"]
    assert hidden_imports(module("smtpfax.cli", source)) == []


@pytest.mark.parametrize(("text", "seen"), [("(?:a|b)*+", 1), ("(ab){1,9}+", 1), ("(?>(?:a|b)*)", 0), ("[ab]*+", 0)])
def test_a_possessive_group_is_seen(text: str, seen: int) -> None:
    assert len(greedy_groups(module("smtpfax.mime.x", f"TOLD = {text!r}"))) == seen


def test_a_circle_is_seen() -> None:
    house = {
        "smtpfax.model.a": module("smtpfax.model.a", "from smtpfax.model.b import x"),
        "smtpfax.model.b": module("smtpfax.model.b", "from smtpfax.model import a"),
    }
    with pytest.raises(CycleError):
        TopologicalSorter(graph(house)).prepare()
