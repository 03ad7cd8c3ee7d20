"""`smtpfax demo`: the whole path on this machine, told as it happens.

In:    perhaps a folder and ports.
Out:   a daemon on the loopback with two faxboxes, a sample mail faxed from one to the other, its notice shown.
Fails: 1, when the sample fax does not arrive in time.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from .exits import Stop


def register(app: typer.Typer) -> None:
    """Hang it under the root."""
    app.command("demo")(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop when the sample fax has arrived.")] = False,
    folder: Annotated[Path | None, typer.Option("--dir", help="Where to keep things; a temporary folder.")] = None,
    smtp_port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 2525,
    http_port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8025,
) -> None:
    """All in one on the embedded backend: a sample mail becomes a fax, each step told as it happens."""
    from smtpfax.intake.ears import Loop

    from .rehearsal import Wishes, rehearse

    place = folder or Path(tempfile.mkdtemp(prefix="smtpfax-demo-"))
    wishes = Wishes(
        folder=place.absolute(), smtp_port=smtp_port, http_port=http_port, once=once or not sys.stdin.isatty()
    )
    with asyncio.Runner(loop_factory=Loop) as runner:
        arrived = runner.run(rehearse(wishes, typer.echo))
    if not arrived:
        raise Stop(1, "the sample fax did not arrive")
