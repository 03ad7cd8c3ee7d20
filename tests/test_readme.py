"""The README shows the job's table as the code has it. SMTPFAX_README=write prints it anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

from smtpfax.config import Settings
from smtpfax.model.job import diagram

README = Path(__file__).parents[1] / "README.md"
TABLE = re.compile(r"(<!-- states -->\n).*(<!-- /states -->)", re.DOTALL)


def test_the_table_of_states_is_the_codes() -> None:
    text = README.read_text(encoding="utf-8")
    wanted = TABLE.sub(lambda found: f"{found[1]}{diagram()}\n{found[2]}", text)
    if os.environ.get("SMTPFAX_README") == "write":
        README.write_text(wanted, encoding="utf-8")
    assert wanted == README.read_text(encoding="utf-8")


def test_every_setting_that_the_readme_names_exists() -> None:
    text = README.read_text(encoding="utf-8")
    sections = set(Settings.model_fields)
    named = set(re.findall(r"^ *\[(\w+)\]$", text, re.MULTILINE))
    assert named
    assert named <= sections
