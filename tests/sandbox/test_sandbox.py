"""Real workers that crash, hang, eat and lie: each costs its own task and nothing else."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from smtpfax.model.cause import Cause
from smtpfax.model.errors import ConfigError, Permanent, Temporary
from smtpfax.model.status import CONVERTER_DIED, EVERY_PART, OUR_FAULT, PART_UNKNOWN
from smtpfax.sandbox import Answer, Sandbox, SandboxLimits, jail
from smtpfax.sandbox.drill import _stopped, prove


def bubblewrap_works() -> bool:
    tried = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    return shutil.which("bwrap") is not None and subprocess.run(tried, check=False).returncode == 0


walled = pytest.mark.skipif(not bubblewrap_works(), reason="bubblewrap does not work on this machine")
MODES = [pytest.param("always", marks=walled), "never"]


def limits(**changes: Any) -> SandboxLimits:
    known = {"workers": 1, "memory_bytes": 256 << 20, "cpu_seconds": 1, "wall_seconds": 20.0, "bubblewrap": "never"}
    return SandboxLimits(**{**known, **changes})


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("left")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture(params=MODES)
async def sandbox(request: pytest.FixtureRequest, nothing_is_left: None) -> AsyncIterator[Sandbox]:
    made = Sandbox(limits(bubblewrap=request.param))
    await made.start()
    yield made
    await made.stop()


async def drill(sandbox: Sandbox, task: str, blobs: tuple[bytes, ...] = (), **request: Any) -> Answer:
    return await sandbox.run(f"smtpfax.sandbox.drill:{task}", request, blobs)


async def worker_of(sandbox: Sandbox) -> int:
    await drill(sandbox, "echo")
    (worker,) = (worker for worker in sandbox._workers if worker.fit)  # one that was killed may not be gone yet
    return worker.pid


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  the kernel wakes nobody for it
            await asyncio.sleep(0.01)


async def test_what_goes_in_comes_out(sandbox: Sandbox) -> None:
    blobs = (b"", bytes(range(256)) * 40_000)
    answer = await drill(sandbox, "echo", blobs, word="ünï", number=3)
    assert (answer.data["word"], answer.data["number"]) == ("ünï", 3)
    assert tuple(answer.blobs) == blobs


@pytest.mark.parametrize(
    ("task", "request_"),
    [
        ("crash", {}),
        ("eat_memory", {"octets": 1 << 30}),
        ("burn_cpu", {}),
        ("fail", {}),
        ("big_answer", {"octets": 9 << 20}),
        ("lie", {}),
    ],
)
async def test_whatever_a_task_does_it_alone_fails(task: str, request_: Mapping[str, Any]) -> None:
    made = Sandbox(limits(answer_bytes=8 << 20))
    await made.start()
    try:
        with pytest.raises(Temporary) as caught:
            await drill(made, task, (b"\xff\xff\xff\xff and no frame",), **request_)
        assert (caught.value.text, caught.value.cause) == (CONVERTER_DIED.fill(part=EVERY_PART), Cause.CONVERTER)
        assert "\n" not in caught.value.reason
        assert (await drill(made, "echo", still="here")).data["still"] == "here"
    finally:
        await made.stop()


async def test_a_crash_tells_its_signal_and_its_last_words(sandbox: Sandbox) -> None:
    with pytest.raises(Temporary, match=r"ended with (-6|134): Fatal Python error: Aborted"):
        await drill(sandbox, "crash")


async def test_the_cpu_of_one_task_is_not_counted_against_the_next(sandbox: Sandbox) -> None:
    before = await worker_of(sandbox)
    for _ in range(4):
        await drill(sandbox, "burn_cpu", seconds=0.6)
    assert await worker_of(sandbox) == before


async def test_a_hung_task_is_killed_at_its_deadline_with_its_children(tmp_path: Path) -> None:
    made = Sandbox(limits())
    await made.start()
    try:
        tell = tmp_path / "child"
        with pytest.raises(Temporary, match="ran past its 2 seconds"):
            await made.run("smtpfax.sandbox.drill:sleep", {"tell": str(tell)}, wall_seconds=2)
        child = int(tell.read_text())
        await until(lambda: not running(child))
        await drill(made, "echo")
    finally:
        await made.stop()


@walled
async def test_with_bubblewrap_nothing_of_a_hung_task_is_left() -> None:
    made = Sandbox(limits(bubblewrap="always"))
    await made.start()
    try:
        before = await worker_of(made)
        group = descendants(before)
        assert group
        with pytest.raises(Temporary):
            await made.run("smtpfax.sandbox.drill:sleep", {}, wall_seconds=0.5)
        await until(lambda: not any(map(running, group)))
    finally:
        await made.stop()


def descendants(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(below for child in children for below in descendants(child))]


async def test_a_cancelled_caller_costs_the_worker_and_not_the_next_caller(sandbox: Sandbox) -> None:
    before = await worker_of(sandbox)
    caller = asyncio.create_task(drill(sandbox, "sleep"))
    await until(lambda: sandbox.idle == 0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await worker_of(sandbox) != before
    await until(lambda: not running(before))


async def test_a_worker_has_no_network(sandbox: Sandbox) -> None:
    if not {"bubblewrap", "no network"} & {word for worker in sandbox._workers for word in worker.held}:
        pytest.skip("this machine lets nobody leave the network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        answer = await drill(sandbox, "connect", host="127.0.0.1", port=server.getsockname()[1])
        assert answer.data["connected"] is False
        with pytest.raises(BlockingIOError):
            server.accept()


@walled
async def test_with_bubblewrap_a_worker_sees_no_file_of_ours(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    made = Sandbox(limits(bubblewrap="always"))
    await made.start()
    try:
        for path in (tmp_path / "secret", "/etc/shadow", "/etc/passwd", f"/proc/{os.getpid()}/environ"):
            assert (await drill(made, "read", path=str(path))).data["read"] is False
        for path in ("/usr/drill", "/drill", "/dev/drill", "/etc/drill", str(jail.PACKAGE / "drill")):
            assert (await drill(made, "write", path=path, octets=1)).data["written"] is False
        assert (await drill(made, "environment")).data["user"] != 0
    finally:
        await made.stop()


async def test_secrets_in_the_environment_are_not_visible(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPFAX_BACKENDS__LINE__API_KEY", "very secret")
    with pytest.raises(Temporary):
        await drill(sandbox, "crash")  # so that the next worker is born after the secret
    seen = (await drill(sandbox, "environment")).data
    assert set(seen["variables"]) <= {*jail.Jail().environment(), "PWD", "LC_CTYPE"}
    assert seen["umask"] == 0o077
    assert len(seen["open"]) <= 5  # three standard ones, the line, and the folder that lists them


async def test_a_task_finds_no_file_of_the_one_before(sandbox: Sandbox) -> None:
    assert (await drill(sandbox, "write", octets=5)).data == {"written": True, "before": []}
    assert (await drill(sandbox, "write", octets=5)).data["before"] == []


async def test_a_file_of_a_task_is_bounded(sandbox: Sandbox) -> None:
    answer = await drill(sandbox, "write", octets=(64 << 20) + 1)
    assert answer.data["written"] is False


def folders() -> int:
    return len(list(Path(tempfile.gettempdir()).iterdir()))


async def test_folders_for_temporary_files_go_with_their_workers(
    nothing_is_left: None,
) -> None:
    made = Sandbox(limits(workers=2, recycle_after=1))
    await made.start()
    assert folders() == 2
    for _ in range(3):
        await drill(made, "write", octets=5)
    await made.stop()
    assert folders() == 0


async def test_a_fault_travels_with_its_status_and_its_ready_text(sandbox: Sandbox) -> None:
    with pytest.raises(Permanent) as caught:
        await drill(sandbox, "refuse", part="{name} of 100 %")
    fault = caught.value
    assert fault.text == "{name} of 100 % is of a kind that cannot be faxed ({0})"
    assert (fault.status, fault.sentence.code) == (PART_UNKNOWN.status, PART_UNKNOWN.code)
    assert fault.sentence.reply().text == fault.text
    assert (fault.cause, fault.reason) == (Cause.DOCUMENT, "{reason}")


async def test_a_fault_does_not_cost_the_worker(sandbox: Sandbox) -> None:
    before = await worker_of(sandbox)
    with pytest.raises(Permanent):
        await drill(sandbox, "refuse", part="x")
    assert await worker_of(sandbox) == before


async def test_a_worker_is_recycled_after_so_many_tasks() -> None:
    made = Sandbox(limits(recycle_after=2))
    await made.start()
    try:
        first, again, other = [(await drill(made, "echo")).data["pid"] for _ in range(3)]
        assert first == again != other
    finally:
        await made.stop()


async def test_a_worker_that_died_while_it_waited_is_passed_over() -> None:
    made = Sandbox(limits())
    await made.start()
    try:
        pid = await worker_of(made)
        os.kill(pid, 9)
        (worker,) = made._workers
        await until(lambda: not worker.alive)
        assert (await drill(made, "echo")).data["pid"] != pid
    finally:
        await made.stop()


async def test_fifty_tasks_on_two_workers_with_crashes_among_them_get_their_own_answers(sandbox: Sandbox) -> None:
    made = Sandbox(limits(workers=2, bubblewrap=sandbox.limits.bubblewrap))
    await made.start()

    async def one(number: int) -> object:
        if number % 7 == 3:
            with pytest.raises(Temporary):
                await drill(made, "crash")
            return number
        answer = await drill(made, "echo", (str(number).encode() * 1000,), number=number)
        assert answer.blobs == [str(number).encode() * 1000]
        return answer.data["number"]

    try:
        assert await asyncio.gather(*(one(number) for number in range(50))) == list(range(50))
    finally:
        await made.stop()


@pytest.mark.parametrize("task", ["os:system", "smtpfaxevil:x", "smtpfax.sandbox.drill"])
async def test_only_our_own_functions_are_tasks(sandbox: Sandbox, task: str) -> None:
    with pytest.raises(Temporary):
        await sandbox.run(task, {})


async def test_modules_are_there_before_the_first_task_and_a_missing_one_is_told_at_start() -> None:
    made = Sandbox(limits(), preload=("smtpfax.no_such_module",))
    with pytest.raises(ConfigError, match="no_such_module"):
        await made.start()
    await made.stop()


async def test_bubblewrap_that_must_be_there_and_is_not_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ConfigError, match=r"sandbox\.bubblewrap"):
        await Sandbox(limits(bubblewrap="always")).start()


async def test_bubblewrap_that_does_not_work_is_done_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho no namespaces here >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    made = Sandbox(limits(bubblewrap="auto"))
    await made.start()
    assert made.jail.bubblewrap == ""
    await drill(made, "echo")
    await made.stop()
    with pytest.raises(ConfigError, match="no namespaces here"):
        await Sandbox(limits(bubblewrap="always")).start()


async def test_when_no_worker_can_be_started_a_task_fails_for_now(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Sandbox(limits())
    await made.start()
    try:
        monkeypatch.setattr("sys.executable", "/nonexistent/python")
        with pytest.raises(Temporary):
            await drill(made, "crash")
        with pytest.raises(Temporary) as caught:
            await drill(made, "echo")
        assert caught.value.status == OUR_FAULT.status
        monkeypatch.undo()
        assert (await drill(made, "echo", well="again")).data["well"] == "again"
    finally:
        await made.stop()


async def test_a_stopped_sandbox_leaves_no_process_and_nobody_waiting() -> None:
    made = Sandbox(limits(workers=2))
    await made.start()
    pids = [worker.pid for worker in made._workers]
    callers = [asyncio.create_task(drill(made, "sleep")) for _ in range(4)]
    await until(lambda: made.idle == 0)
    await made.stop()
    assert all(isinstance(end, Temporary) for end in await asyncio.gather(*callers, return_exceptions=True))
    assert not any(map(running, pids))
    with pytest.raises(Temporary):
        await drill(made, "echo")


@pytest.mark.parametrize("mode", MODES)
async def test_the_proof_says_what_holds(mode: Any) -> None:
    words = await prove(Sandbox(limits(bubblewrap=mode)))
    assert {"a crash costs one task", "memory, CPU and time are bounded"} <= set(words)
    walls = {"there is no network", "files outside cannot be written", "it does not run as root"}
    assert walls <= set(words) or mode == "never"


async def test_a_task_that_comes_back_when_it_must_not_is_no_proof(sandbox: Sandbox) -> None:
    with pytest.raises(Temporary, match="does not hold: echo"):
        await _stopped(sandbox, "echo", {})
