"""A warm LibreOffice, asked over its bridge (UNO) on a pipe that nobody else can find.

In:    files, one at a time.
Out:   PDFs.
Fails: Encrypted, Unreadable; SystemExit, when LibreOffice has gone: then this worker is of no more use.

Rule: a file is what its first octets say, or it is refused: LibreOffice would fax any octets as a text. Modules of the
bridge are only in the system's Python, so they are asked for when they are needed and are not known to the types.
"""

from __future__ import annotations

import importlib
import secrets
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .office_program import PDF_FILTERS, RESTART, Encrypted, Unreadable, cpu_seconds, hide_sockets, start

_STARTS = 3
_PAUSE_SECONDS = 0.02
_DYING_SECONDS = 0.2
_SERVICES = {
    "com.sun.star.text.TextDocument": "writer",
    "com.sun.star.sheet.SpreadsheetDocument": "calc",
    "com.sun.star.presentation.PresentationDocument": "impress",
    "com.sun.star.drawing.DrawingDocument": "draw",
}
_ANYTHING = ("Text", "HTML", "generic_", "writer_web", "writerglobal")  # filters that take whatever they are given
_ANSWERS = ("Password", "Disapprove", "Abort", "Approve")  # the one that is given is the first of them but a password
_PDF: dict[str, object] = {
    "ExportBookmarks": False,
    "ExportFormFields": False,  # drawn, not to be filled in
    "ExportNotes": False,
    "MaxImageResolution": 300,
    "ReduceImageResolution": True,
    "UseTaggedPDF": False,
}


class WarmOffice:
    """One LibreOffice, for all files of this worker."""

    def __init__(self, program: Path, profile: Path) -> None:
        self._uno = importlib.import_module("uno")
        self._helper = importlib.import_module("unohelper")
        name = secrets.token_hex(16)
        accept = f"--accept=pipe,name={name};urp;StarOffice.ComponentContext"
        for _ in range(_STARTS):
            self.process = start(program, profile, [accept])
            if (context := self._connected(name)) is not None:
                break
        else:
            raise SystemExit("LibreOffice does not start")
        hide_sockets(self.process)
        self.context = context
        self._desktop = self.service("com.sun.star.frame.Desktop")

    def cpu_seconds(self) -> float:
        """What LibreOffice has used in its life."""
        return cpu_seconds(self.process)

    def service(self, name: str) -> Any:
        """One of LibreOffice's own objects."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def _connected(self, name: str) -> Any:
        """The other end of the pipe; None when the program wants to be started again."""
        local = self._uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        nobody = self._uno.getClass("com.sun.star.connection.NoConnectException")
        while (code := self.process.poll()) is None:
            with suppress(nobody):
                return resolver.resolve(f"uno:pipe,name={name};urp;StarOffice.ComponentContext")
            time.sleep(_PAUSE_SECONDS)
        if code != RESTART:
            raise SystemExit(f"LibreOffice ended with {code}")
        return None

    def convert(self, source: Path, target: Path, *, application: str, pages: int) -> None:
        """Write a PDF."""
        # No context manager stands between here and LibreOffice: its exceptions take no traceback, as contextlib wants.
        problem: type[Exception] = self._uno.getClass("com.sun.star.uno.Exception")
        try:
            self._print(source, target, f"1-{pages}")
        except problem as error:
            # What it throws is about the file, as long as it lives. Of its end the bridge hears before we do.
            with suppress(subprocess.TimeoutExpired):
                raise SystemExit(f"LibreOffice ended with {self.process.wait(_DYING_SECONDS)}") from None
            raise Unreadable(str(error)[:500]) from None

    def _print(self, source: Path, target: Path, pages: str) -> None:
        document = self.load(source)
        try:
            service = next((name for name in _SERVICES if document.supportsService(name)), "")
            taken_for = next((str(value.Value) for value in document.Args if value.Name == "FilterName"), "")
            if not service or taken_for.startswith(_ANYTHING):
                raise Unreadable(f"LibreOffice takes it for {taken_for}")
            options = self._uno.Any("[]com.sun.star.beans.PropertyValue", self._values(_PDF | {"PageRange": pages}))
            self.save(document, target, {"FilterName": PDF_FILTERS[_SERVICES[service]], "FilterData": options})
        finally:
            document.close(True)

    def load(self, source: Path) -> Any:
        """A document; nothing in it runs, and nothing that it names is read."""
        asked = list[str]()
        settings = {
            "Hidden": True,
            "ReadOnly": True,
            "MacroExecutionMode": 0,  # com.sun.star.document.MacroExecMode.NEVER_EXECUTE
            "UpdateDocMode": 0,  # com.sun.star.document.UpdateDocMode.NO_UPDATE
            "InteractionHandler": self._nobody(asked),
        }
        document = self._desktop.loadComponentFromURL(source.as_uri(), "_blank", 0, self._values(settings))
        if "Password" in asked:
            raise Encrypted
        if document is None:
            raise Unreadable(f"LibreOffice cannot open it, and asked for {asked}")
        return document

    def save(self, document: Any, target: Path, settings: Mapping[str, object]) -> None:
        """Write it as the filter has it."""
        document.storeToURL(target.as_uri(), self._values(settings))

    def _values(self, named: Mapping[str, object]) -> tuple[Any, ...]:
        make = self._uno.createUnoStruct
        return tuple(make("com.sun.star.beans.PropertyValue", name, 0, value, 0) for name, value in named.items())

    def _nobody(self, asked: list[str]) -> Any:
        """Answers LibreOffice's questions, and keeps what kind of answers it wanted.

        Its word for what it asks cannot be read (the bridge fails on it); the answers that it offers tell enough: a
        password is not given, a damaged file not mended (for something would be missing), a warning gone past.
        """
        get = self._uno.getTypeByName
        kinds = {name: get(f"com.sun.star.task.XInteraction{name}") for name in _ANSWERS}

        def handle(_: object, request: Any) -> None:
            answers = request.getContinuations()
            offered = {name: one for name, kind in kinds.items() for one in answers if one.queryInterface(kind)}
            asked.extend(offered)
            chosen = next((offered[name] for name in _ANSWERS[1:] if name in offered), None)
            if chosen is not None:
                chosen.select()

        handler = self._uno.getClass("com.sun.star.task.XInteractionHandler")
        return type("Nobody", (self._helper.Base, handler), {"handle": handle})()
