"""Mails as real programs write them, and broken ones: each with the parts that must come out of it."""

from pathlib import Path

import pytest

from smtpfax.mime.tree import MimeLimits, leaves, read
from smtpfax.model.account import Body, Logos
from smtpfax.model.errors import Permanent
from tests.mime.listing import listing

MAILS = {path.stem: path for path in sorted((Path(__file__).parent / "mails").glob("*.eml"))}
HABITS = [(body, logos) for body in Body for logos in Logos]


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_comes_apart_as_it_must(name: str) -> None:
    expected = MAILS[name].with_suffix(".parts").read_text(encoding="utf-8")
    assert listing(MAILS[name].read_bytes()) == expected.splitlines()


def test_every_listing_has_its_mail() -> None:
    assert {path.stem for path in MAILS["text-only"].parent.glob("*.parts")} == set(MAILS)


@pytest.mark.parametrize("name", MAILS)
@pytest.mark.parametrize(("body", "logos"), HABITS)
def test_every_leaf_is_faxed_or_left_out_whatever_the_habits(name: str, body: Body, logos: Logos) -> None:
    content = MAILS[name].read_bytes()
    lines = listing(content, body=body, logos=logos)
    if lines[0].startswith("refused"):
        return
    paths = [leaf.path for leaf in leaves(read(content, limits=MimeLimits()))]
    assert sorted(line.split(":")[0].split()[1] for line in lines) == sorted(paths)
    faxed = [line.split()[1] for line in lines if line.startswith("faxed")]
    assert faxed == [path for path in paths if path in faxed]  # in the mail's order


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_with_bare_newlines_is_the_same_mail(name: str) -> None:
    content = MAILS[name].read_bytes()
    assert listing(content.replace(b"\r\n", b"\n")) == listing(content)


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_cut_off_anywhere_is_read_or_refused(name: str) -> None:
    content = MAILS[name].read_bytes()
    for end in range(0, len(content), max(1, len(content) // 200)):
        try:
            read(content[:end], limits=MimeLimits())
        except Permanent:
            continue
