"""Thousands of foreign files, each as `smtpfax render` would do it: what became of them.

In:    folders of files (each file once, by its octets); `--endings` chooses among them, `--sample` some of them.
Out:   counts of pages, of refusals by their sentence, of crashes and of what ran over its limits; a line of JSON a file
       in `--log`; in `--sheet` a picture of many first pages, to be looked at.
Fails: with exit code 1, when a worker crashed, a file ran past its limits or a temporary file was left.

Run it from the checkout: `python -m bench.foreign FOLDER --log foreign.jsonl --sheet pages.png`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import io
import json
import logging
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path

import numpy as np
from PIL import Image

from smtpfax.model.errors import Fault, Temporary
from smtpfax.render.asking import Asked
from smtpfax.render.stage import PRELOAD
from smtpfax.render.trips import FILES, rendered
from smtpfax.sandbox import Sandbox, SandboxLimits
from smtpfax.sandbox.office import Office, OfficeLimits, find

_THUMB = (432, 540)
_ACROSS = 6
_WALL_SECONDS = 130.0  # of the worker, LibreOffice and the worker again, and some for a busy machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a file."""

    path: str
    octets: int
    seconds: float
    pages: int = 0
    sentence: str = ""
    crash: str = ""  # why

    @property
    def word(self) -> str:
        """Without what differs from file to file."""
        if self.crash:
            return f"CRASH: {self.sentence}"
        plain = self.sentence.replace(Path(self.path).name, "{part}")
        return re.sub(r"\d[\d.]*", "N", re.sub(r"^.*(?= (is of a kind|cannot be read|is encrypted))", "{part}", plain))


def attached(name: str, data: bytes) -> bytes:
    """A mail with this file, of a kind that its sender does not know."""
    mail = EmailMessage()
    mail["Subject"] = "a file"
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


class Run:
    """One worker and one LibreOffice, one file after the other."""

    def __init__(self, sandbox: Sandbox, office: Office | None, thumbs: random.Random | None, room: int) -> None:
        self._sandbox, self._office = sandbox, office
        self.as_mails = False
        self._random, self._room, self._seen = thumbs, room, 0
        self.pictures: list[tuple[str, Image.Image]] = []

    async def one(self, path: Path) -> Fate:
        """A file."""
        data = await asyncio.to_thread(path.read_bytes)
        began = time.perf_counter()
        name = path.name
        if self.as_mails and path.suffix.lower() != ".eml":
            name, data = "mail.eml", attached(path.name, data)
        asked = Asked(names=(name,))
        try:
            told, tiff = await rendered(FILES, asked, [data], sandbox=self._sandbox, office=self._office)
        except Fault as fault:
            crash = fault.reason if isinstance(fault, Temporary) else ""
            seconds = time.perf_counter() - began
            return Fate(path=str(path), octets=len(data), seconds=seconds, sentence=fault.text, crash=crash)
        seconds = time.perf_counter() - began
        self._keep(path.name, tiff)
        return Fate(path=str(path), octets=len(data), seconds=seconds, pages=told.pages)

    def _keep(self, name: str, tiff: bytes) -> None:
        """Each document is as likely as any other to be on the sheet (reservoir sampling)."""
        if self._random is None:
            return
        self._seen += 1
        place = len(self.pictures) if self._seen <= self._room else self._random.randrange(self._seen)
        if place < self._room:
            self.pictures[place : place + 1] = [(name, thumb(tiff))]


def thumb(tiff: bytes) -> Image.Image:
    """The first page, small."""
    with Image.open(io.BytesIO(tiff)) as image:
        return image.convert("L").resize(_THUMB, Image.Resampling.BOX)


def sheet(pictures: Sequence[tuple[str, Image.Image]], target: Path) -> None:
    """All of them side by side; their names go to the console, in this order."""
    rows = -(-len(pictures) // _ACROSS)
    whole = Image.new("L", (_ACROSS * (_THUMB[0] + 8), rows * (_THUMB[1] + 8)), 128)
    for index, (name, picture) in enumerate(pictures):
        at = (index % _ACROSS * (_THUMB[0] + 8), index // _ACROSS * (_THUMB[1] + 8))
        whole.paste(picture, at)
        print(f"sheet {index // _ACROSS + 1}.{index % _ACROSS + 1}: {name}")
    whole.save(target)


def files_in(folders: Sequence[Path], endings: frozenset[str], most: int) -> Iterator[Path]:
    """Each content once, in the order of the paths."""
    seen = set[bytes]()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower().lstrip(".") not in endings or not path.is_file() or path.stat().st_size > most:
                continue
            digest = hashlib.sha256(path.read_bytes()).digest()
            if digest not in seen:
                seen.add(digest)
                yield path


def told(fates: Sequence[Fate], left: Sequence[str]) -> bool:
    """Print the counts; whether all went as it should."""
    words = Counter(fate.word for fate in fates if fate.sentence)
    late = [fate for fate in fates if fate.seconds > _WALL_SECONDS]
    crashes = [fate for fate in fates if fate.crash]
    drawn = [fate for fate in fates if fate.pages]
    print(f"{len(fates)} files, {len(drawn)} rendered to {sum(fate.pages for fate in drawn)} pages")
    for word, count in words.most_common():
        print(f"{count:6} {word}")
    spent = np.array([fate.seconds for fate in fates] or [0.0])
    middle, most = np.median(spent), spent.max()
    print(f"seconds: median {middle:.3f}, 99 of 100 within {np.quantile(spent, 0.99):.2f}, most {most:.1f}")
    for fate in (*crashes, *late):
        print(f"  {fate.seconds:.1f} s {fate.path}: {fate.crash[:300] or fate.sentence}")
    print(f"{len(crashes)} crashes, {len(late)} past their limits, {len(left)} temporary files left {left or ''}")
    return not (crashes or late or left)


async def main() -> bool:
    """Run it."""
    asked = arguments()
    logging.disable(logging.WARNING)  # the sandbox warns of each crash; they are counted here
    paths = list(files_in(asked.folders, frozenset(asked.endings.split(",")), asked.most_octets))
    if asked.sample:
        paths = random.Random(asked.seed).sample(paths, min(asked.sample, len(paths)))
    program = find()
    chance = random.Random(asked.seed) if asked.sheet else None
    with tempfile.TemporaryDirectory() as tmp:
        tempfile.tempdir = tmp
        sandbox = Sandbox(SandboxLimits(workers=1), preload=PRELOAD)
        office = Office(OfficeLimits(), program) if program else None
        await sandbox.start()
        run = Run(sandbox, office, chance, asked.pictures)
        run.as_mails = asked.as_mails
        fates = []
        with open(asked.log, "w", encoding="utf-8") as log:  # noqa: ASYNC230, PTH123  a bench
            for path in paths:
                fates.append(await run.one(path))
                print(json.dumps(asdict(fates[-1])), file=log, flush=True)
        await sandbox.stop()
        if office is not None:
            await office.stop()
        left = [path.name for path in Path(tmp).rglob("*")]  # noqa: ASYNC240  a bench
    if asked.sheet:
        sheet(run.pictures, asked.sheet)
    return told(fates, left)


def arguments() -> argparse.Namespace:
    """What is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--endings", default="pdf,tif,tiff,png,jpg,jpeg,gif,bmp,webp,pcx,tga,psd,heic,svg,txt,csv,xml,"
                        "htm,html,eml,msg,dat,tnef,rtf,doc,dot,docx,docm,dotx,odt,ott,xls,xlsx,xlsm,xlsb,ods,ppt,pps,"
                        "pptx,pptm,ppsx,odp,odg,wps,wri,pub,vsd,vsdx,fodt,fods,wk1,wpd,mht,bin")  # fmt: skip
    parser.add_argument("--as-mails", action="store_true", help="each as an attachment of a mail")
    parser.add_argument("--most-octets", type=int, default=20 << 20)
    parser.add_argument("--sample", type=int, default=0, help="so many of them, by chance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, default=Path("/dev/null"))
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--pictures", type=int, default=36)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
