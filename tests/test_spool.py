"""The spool: what it keeps is whole or absent, whatever the disk does."""

from __future__ import annotations

import asyncio
import errno
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from smtpfax.model.errors import Temporary
from smtpfax.spool import BLOCK, Disk, Spool
from tests.disk import DyingDisk, FullDisk, PowerCut

MAIL = bytes(range(256)) * 64
LARGE = MAIL * 40  # more than two blocks
Way = Callable[[Spool, str, bytes], Coroutine[None, None, None]]


async def arrive(spool: Spool, name: str, content: bytes) -> None:
    """As a door takes it: in pieces."""
    arriving = spool.arriving()
    for start in range(0, len(content), 100_000):
        await arriving.write(content[start : start + 20_000], content[start + 20_000 : start + 100_000])
    await arriving.keep(name)


def kept(folder: Path) -> dict[str, bytes]:
    """What a new process finds."""
    spool = Spool(folder)
    return {name: asyncio.run(spool.read(name)) for name in asyncio.run(spool.kept())}


def files(folder: Path) -> list[str]:
    """Everything in the folder, half-written or not."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("names_survive", [False, True])
@pytest.mark.parametrize("way", [Spool.put, arrive])
def test_a_power_cut_at_any_act_leaves_the_mail_whole_or_absent(tmp_path: Path, way: Way, names_survive: bool) -> None:
    for acts in count():
        folder = tmp_path / f"{acts}"
        asyncio.run(Spool(folder).put("before", MAIL))
        spool = Spool(folder, DyingDisk(acts, names_survive=names_survive))
        try:
            asyncio.run(way(spool, "m1", LARGE))
        except PowerCut:
            assert kept(folder) in ({"before": MAIL}, {"before": MAIL, "m1": LARGE})
        else:
            assert kept(folder) == {"before": MAIL, "m1": LARGE}
            break
    assert acts > 6


@pytest.mark.parametrize("names_survive", [False, True])
def test_a_power_cut_after_it_was_kept_takes_nothing(tmp_path: Path, names_survive: bool) -> None:
    for acts in count():
        folder = tmp_path / f"{acts}"
        told: list[str] = []
        try:
            spool = Spool(folder, DyingDisk(acts, names_survive=names_survive))
            for name in ("m1", "m2", "m3"):
                asyncio.run(spool.put(name, MAIL))
                told.append(name)
        except PowerCut:
            assert set(told) <= set(kept(folder))
        else:
            break


def test_replacing_a_document_is_all_or_nothing(tmp_path: Path) -> None:
    for acts in count():
        folder = tmp_path / f"{acts}"
        asyncio.run(Spool(folder).put("d1", b"old"))
        try:
            asyncio.run(Spool(folder, DyingDisk(acts, names_survive=True)).put("d1", b"new"))
        except PowerCut:
            assert kept(folder)["d1"] in (b"old", b"new")
        else:
            assert kept(folder) == {"d1": b"new"}
            break


def test_what_a_cut_left_half_written_is_swept(tmp_path: Path) -> None:
    with pytest.raises(PowerCut):
        asyncio.run(Spool(tmp_path, DyingDisk(1, names_survive=True)).put("m1", MAIL))
    spool = Spool(tmp_path)
    assert len(files(tmp_path)) == 1

    assert asyncio.run(spool.sweep()) == 1
    assert files(tmp_path) == []
    assert asyncio.run(spool.sweep()) == 0


async def test_a_sweep_leaves_what_is_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    await spool.put("m1", MAIL)
    await spool.sweep()
    assert await spool.read("m1") == MAIL


async def test_a_discarded_content_leaves_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    arriving = spool.arriving()
    await arriving.write(LARGE)
    assert len(files(tmp_path)) == 1
    await arriving.discard()
    await arriving.discard()
    assert files(tmp_path) == []
    with pytest.raises(Temporary):
        await arriving.keep("m1")


async def test_a_discard_after_keep_takes_nothing_back(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    arriving = spool.arriving()
    await arriving.write(LARGE)
    await arriving.keep("m1")
    await arriving.discard()
    assert await spool.read("m1") == LARGE


async def test_a_small_content_touches_the_disk_only_when_it_is_kept(tmp_path: Path) -> None:
    arriving = Spool(tmp_path).arriving()
    await arriving.write(b"x" * (BLOCK - 1))
    assert files(tmp_path) == []
    await arriving.keep("m1")
    assert (tmp_path / "m1").stat().st_size == BLOCK - 1


async def test_octets_that_come_one_by_one_are_written_in_blocks(tmp_path: Path) -> None:
    class Counting(Disk):
        written = 0

        def write(self, descriptor: int, octets: memoryview) -> int:
            self.written += 1
            return super().write(descriptor, octets)

    disk, content = Counting(), MAIL * 5
    arriving = Spool(tmp_path, disk).arriving()
    for octet in content:
        await arriving.write(bytes((octet,)))
    await arriving.keep("a")
    assert disk.written == -(-len(content) // BLOCK)
    assert (tmp_path / "a").read_bytes() == content


async def test_a_full_disk_is_our_fault_leaves_nothing_and_ends(tmp_path: Path) -> None:
    disk = FullDisk(room=BLOCK + 10)
    spool = Spool(tmp_path, disk)
    with pytest.raises(Temporary) as caught:
        await spool.put("m1", LARGE)
    assert (caught.value.sentence.code, str(caught.value.status)) == (452, "4.3.1")
    assert files(tmp_path) == []

    disk.room = 10**9
    await spool.put("m1", LARGE)
    assert await spool.read("m1") == LARGE


async def test_a_content_with_a_hole_is_never_kept(tmp_path: Path) -> None:
    disk = FullDisk(room=0)
    arriving = Spool(tmp_path, disk).arriving()
    with pytest.raises(Temporary):
        await arriving.write(LARGE)
    disk.room = 10**9
    with pytest.raises(Temporary):
        await arriving.keep("m1")
    await arriving.discard()
    assert files(tmp_path) == []


async def test_a_broken_disk_is_our_fault(tmp_path: Path) -> None:
    with pytest.raises(Temporary) as caught:
        await Spool(tmp_path, FullDisk(room=0, error=errno.EIO)).put("m1", MAIL)
    assert (caught.value.sentence.code, str(caught.value.status)) == (451, "4.3.0")
    with pytest.raises(Temporary):
        await Spool(tmp_path).read("missing")


async def test_a_failed_sync_is_never_taken_for_kept(tmp_path: Path) -> None:
    class Unsynced(Disk):
        def sync(self, descriptor: int) -> None:
            raise OSError(errno.EIO, "sync")

    with pytest.raises(Temporary):
        await Spool(tmp_path, Unsynced()).put("m1", MAIL)
    assert await Spool(tmp_path).kept() == []
    assert files(tmp_path) == []


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A real file system of one megabyte."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a tmpfs cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_real_disk_that_is_full_refuses_and_then_takes_again(tiny: Path) -> None:
    spool = Spool(tiny, min_free_bytes=100_000, look_every=0)
    assert spool.enough_space(500_000)
    await spool.put("m1", LARGE)
    assert not spool.enough_space(500_000)
    with pytest.raises(Temporary) as caught:
        await spool.put("m2", LARGE)
    assert caught.value.sentence.code == 452

    assert await spool.kept() == ["m1"]
    await spool.delete("m1")
    await spool.put("m2", LARGE)
    assert await spool.read("m2") == LARGE


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../m1", "a/b", "/etc/passwd", "a\0b", ".tmp-1", "a..b", "a.", "-a", "a\n", "é", "a b", "a" * 102],
)
async def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    spool = Spool(tmp_path / "spool")
    for act in (spool.read(name), spool.delete(name), spool.put(name, b""), spool.arriving().keep(name)):
        with pytest.raises(ValueError, match="not a name"):
            await act
    with pytest.raises(ValueError, match="not a name"):
        spool.path(name)
    assert (files(tmp_path), files(spool.folder)) == (["spool"], [])


async def test_a_file_is_ours_alone_to_read(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "new" / "spool")
    await spool.put("0abc-1.tif", b"II*\0")
    assert spool.path("0abc-1.tif").stat().st_mode & 0o777 == 0o600
    assert spool.folder.stat().st_mode & 0o777 == 0o700
    assert spool.has("0abc-1.tif")


async def test_the_janitor_sees_names_and_ages_and_nothing_else(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    await spool.put("m1", b"")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / ".tmp-1").touch()

    [(name, age)] = await spool.ages()

    assert name == "m1"
    assert timedelta(seconds=-1) < age < timedelta(minutes=1)
    await spool.delete("m1")
    await spool.delete("m1")
    assert not spool.has("m1")


async def test_a_caller_that_is_cancelled_in_the_middle_can_discard(tmp_path: Path) -> None:
    """The thread of its last act goes on: the file is not closed under it."""
    spool = Spool(tmp_path)
    for _ in range(20):
        arriving = spool.arriving()
        writing = asyncio.create_task(arriving.write(LARGE * 4))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await arriving.discard()
    assert await spool.kept() == []
    await asyncio.get_running_loop().shutdown_default_executor()
    assert files(tmp_path) == []
