"""Has LibreOffice do what only it can do: run by the system's Python, for it alone has the bridge.

Arguments: the checkout; LibreOffice's program; an empty folder for the profile; whether it is "ours" or a "bare" one;
whether files are opened by "us" or as a "careless" program would; then for each file: source, target, filter, password
or "".
"""

import sys
from pathlib import Path
from typing import Any

sys.path.append(sys.argv[1])

from smtpfax.sandbox.office_program import write_profile
from smtpfax.sandbox.office_uno import WarmOffice

CARELESS = {
    "Hidden": True,
    "MacroExecutionMode": 4,  # com.sun.star.document.MacroExecMode.ALWAYS_EXECUTE_NO_WARN
    "UpdateDocMode": 3,  # com.sun.star.document.UpdateDocMode.FULL_UPDATE
}


def main(program: Path, folder: Path, profile: str, who: str, *orders: str) -> None:
    if profile == "ours":
        write_profile(folder)
    office = WarmOffice(program, folder)
    for source, target, name, password in zip(*[iter(orders)] * 4, strict=True):
        document = office.load(Path(source)) if who == "us" else careless(office, Path(source))
        office.save(document, Path(target), {"FilterName": name} | ({"Password": password} if password else {}))
        document.close(True)
    office.process.terminate()
    office.process.wait()


def careless(office: WarmOffice, source: Path) -> Any:
    desktop = office.service("com.sun.star.frame.Desktop")
    return desktop.loadComponentFromURL(source.as_uri(), "_blank", 0, office._values(CARELESS))


main(Path(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])
