"""What a route says of itself, for those who read the API's description.

In:    types that the handler reads and answers with.
Out:   About, which a Route carries; `openapi` makes the description of all of them.
Fails: never.

Rule: a type that stands here is the one that really parses, or that mypy holds the answer to; nothing is described
twice. What a route does not say is taken from its handler's docstring, or left open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """All of it may be left out."""

    text: str = ""  # a sentence; else the handler's docstring, without its "GET …: "
    body: Any = None  # the type that the `data` of a JSON request is read as
    whole_body: Any = None  # the type of the whole JSON request, where more than `data` counts
    takes: Sequence[str] = ()  # media types of a request beside JSON
    answer: Any = None  # the type of `data` in the answer
    page: bool = False  # the answer is a page of a list of these; the query has its window
    filters: Sequence[str] = ()  # names of `query.FILTERS`
    query: Mapping[str, Any] = field(default_factory=dict)  # other keys of the query, each with its type
    headers: Mapping[str, Any] = field(default_factory=dict)  # of the request, each with its type
    gives: Sequence[str] = ()  # media types of an answer that is in no envelope
    code: int = 200  # of the answer when all is well


NOTHING_SAID = About()
