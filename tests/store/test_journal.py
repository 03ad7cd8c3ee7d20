"""The journal's files: which acts make them durable, and what a disk that fails leaves of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest

from smtpfax.journal.reading import copy_journal, read_segment
from smtpfax.journal.segments import Entry, Journal, Platter
from smtpfax.store.blotting import let_go
from tests.store.film import append


class Acts(Platter):
    """Tells of each, and fails those that it is told to."""

    def __init__(self) -> None:
        self.acts: list[str] = []
        self.fails: set[int] = set()  # by their number

    def write(self, descriptor: int, buffers: Sequence[bytes]) -> int:
        self._act("write")
        return super().write(descriptor, buffers)

    def sync(self, descriptor: int) -> None:
        self._act("sync")
        super().sync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        self._act(f"sync {folder.name}")
        super().sync_folder(folder)

    def _act(self, what: str) -> None:
        self.acts.append(what)
        if len(self.acts) in self.fails:
            raise OSError(28, "No space left on device")


def journal_in(folder: Path, disk: Platter) -> Journal:
    """In a folder that is not there yet."""
    numbers = count(1)
    return Journal(folder, head=b"head", names=lambda: f"s{next(numbers)}", platter=disk)


def test_the_names_of_folder_and_segment_are_synced_before_the_first_mail_is_told(tmp_path: Path) -> None:
    disk = Acts()
    journal = journal_in(tmp_path / "journal", disk)
    append(journal, Entry(b"one"))
    head = ["write", "write", "sync", "sync journal"]
    assert disk.acts == [f"sync {tmp_path.name}", *head, "write", "sync"]
    journal.close()
    append(journal, Entry(b"two"))
    assert disk.acts[7:] == [*head, "write", "sync"], "the folder's own name is safe"
    journal.close()


@pytest.mark.parametrize("act", range(2, 8))
def test_a_disk_that_fails_before_the_first_mail_leaves_no_file(tmp_path: Path, act: int) -> None:
    disk = Acts()
    disk.fails = {act}
    journal = journal_in(tmp_path / "journal", disk)
    with pytest.raises(OSError, match="No space"):
        append(journal, Entry(b"one"))
    assert list((tmp_path / "journal").iterdir()) == []
    [place] = append(journal, Entry(b"two"))
    [_, (entry, end)] = read_segment(tmp_path / "journal" / "s2", 0)
    assert (entry.record, end) == (b"two", place.end)
    journal.close()


def test_a_segment_that_vanishes_while_others_look_is_none(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "vanished").symlink_to("nowhere")  # listed, and not there when it is opened
    assert let_go(tmp_path / "journal", named=(), reached={}) == []
    copy_journal(tmp_path / "journal", tmp_path / "copy")
    assert list((tmp_path / "copy").iterdir()) == []
