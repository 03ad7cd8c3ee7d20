"""The API held to its own description: schemathesis makes requests of it, right ones and wrong ones.

Whatever a client does wrong is a 4xx that the description names; whatever is answered has the form that it says.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from smtpfax.api.app import make_public

from .conftest import World

SECONDS = 150  # of a machine that does much else; it is ten or so
# Records that are there, so that not every request ends at a 404.
CONFIG = """
[parameters]
"path.account" = "acme"
"path.faxbox" = "sales"
"path.name" = "line"
"""
# What differs from an operation that has its turn in nothing but its path has none of its own.
SHORT = """
[[operations]]
include-operation-id = "{id}"
phases.coverage.enabled = false
"""
ALIKE = ("post_accounts_by_account_faxboxes_by_id", "patch_accounts_by_account_faxboxes_by_id")
BELOW_A_FAXBOX = """
[[operations]]
include-path-regex = "/faxboxes/\\\\{faxbox\\\\}/"
phases.coverage.enabled = false
"""
OPERATION = """
[[operations]]
include-path = "{path}"
parameters = {{ "path.id" = "{id}" }}
"""


@dataclass(frozen=True)
class Served:
    """The door as it listens; a token; where records are named."""

    url: str
    token: str
    config: Path


@pytest.fixture
async def served(world: World, tmp_path: Path) -> AsyncIterator[Served]:
    job, fax = await world.taken(), await world.received()
    attempt = (await world.store.attempts.of_job(job.id))[0].attempt.id
    faxes = "/v2/accounts/{account}/faxes"
    ids = {f"{faxes}/smtplog/{{id}}": attempt, "/v2/smtplog/{id}": attempt, f"{faxes}/outgoing/{{id}}": job.id}
    ids |= {f"{faxes}/inbox/{{id}}": fax.id, f"{faxes}/inbox/{{id}}/attachment": fax.id}
    ids |= {f"{faxes}/outgoing/{{id}}/attachment": job.id, "/v2/accounts/{account}/faxboxes/{id}": "sales"}
    config = tmp_path / "schemathesis.toml"
    named = "".join(OPERATION.format(path=path, id=id) for path, id in ids.items())
    config.write_text(CONFIG + named + BELOW_A_FAXBOX + "".join(SHORT.format(id=id) for id in ALIKE))
    async with TestServer(make_public(replace(world.deps, public_url="http://127.0.0.1"))) as server:
        yield Served(str(server.make_url("")).rstrip("/"), await world.token(), config)


async def test_schemathesis_finds_no_failure(served: Served, tmp_path: Path) -> None:
    chosen = ("--phases", "examples,coverage,fuzzing", "--max-examples", "4", "--seed", "1", "--no-shrink")
    # Not held: that all is taken which a schema lets through. None can say what a start key or a time zone is.
    held = ("--exclude-checks", "positive_data_acceptance")
    quiet = ("--suppress-health-check", "all", "--warnings", "off", "--no-color", "--continue-on-failure")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(served.config)),
        *("run", f"{served.url}/openapi.json", "--url", served.url, "--header", f"X-Auth-Token: {served.token}"),
        *(*chosen, *held, *quiet),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
    )
    try:
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, output.decode()
    assert re.search(rb"[0-9]{4,} passed|[0-9]{4,} generated", output), output.decode()
