"""Names: what a part's file is called.

In:    the Content-Disposition and Content-Type of a part.
Out:   a file name to show to people; never a path, never more than MAX_NAME characters; perhaps empty.
Fails: never.

Rule: a name is for reading. No file is ever made by it.
"""

from __future__ import annotations

import re

from .params import Params
from .words import clean

MAX_NAME = 120
_FOLDER = re.compile(r".*[/\\]", re.DOTALL)
_DOTS = re.compile(r"^[.\s]+|[.\s]+$")


def file_name(disposition: Params, content_type: Params) -> str:
    """The name that the part says it has."""
    for params, key in ((disposition, "filename"), (content_type, "name"), (content_type, "filename")):
        if name := harmless(params.get(key)):
            return name
    return ""


def harmless(said: str) -> str:
    """Without folders and drives, controls and turns of direction; shortened in the middle, so that its end is kept."""
    name = _DOTS.sub("", _FOLDER.sub("", clean(said, limit=1000)).rpartition(":")[2])
    if len(name) <= MAX_NAME:
        return name
    return f"{name[: MAX_NAME - 21]}…{name[-20:]}"
