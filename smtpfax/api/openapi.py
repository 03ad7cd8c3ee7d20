"""The description of the API: OpenAPI 3.1, generated from the routes and from the types that they read and answer with.

In:    the table of routes; where we are, and what our settings bound.
Out:   the document, as plain JSON.
Fails: pydantic's errors for a type that has no schema: a bug, found by the first test that makes the document.

Rule: nothing is written here that a route or a type could say itself (https://spec.openapis.org/oas/v3.1.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import TypeAdapter

from .about import HTML, JSON, About
from .envelope import Asked, Failure, Listing, Success
from .query import FILTERS, page_keys
from .routes import ID, Route

Mode = Literal["validation", "serialization"]
Json = dict[str, Any]
_PARAMETER = re.compile(r"\{([a-z_]+)(?::[^{}]*)?\}")
_DOCSTRING = re.compile(r"(?:GET|HEAD|PUT|POST|PATCH|DELETE) [^\s,:]+(?:, [/…][^\s,:]*)*[:,.]?\s*")
_ERRORS: Mapping[str, str] = {
    "default": "An error, in Kazoo's envelope.",
    "400": "A mistake in the request; `data` names the fields.",
    "401": "No token, or none of ours.",
    "403": "A good token that does not reach so far.",
    "404": "There is no such record, or none that this token may know of.",
    "406": "None of the forms that the client takes.",
    "409": "It does not fit how things stand.",
    "413": "The body is larger than we take.",
    "415": "A body of another media type.",
    "416": "More rows than one answer may hold.",
    "429": "Too many requests: come again after `Retry-After` seconds.",
    "503": "Not possible just now: come again after `Retry-After` seconds.",
}
_TAGS = (
    ("/smtplog", "SMTP log"),
    ("/resting", "Numbers that rest"),
    ("/faxes", "Faxes"),
    ("/faxboxes", "Faxboxes"),
    ("_auth", "Signing in"),
    ("/v2/", "Accounts"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the document says of this installation."""

    version: str
    public_url: str
    page_size: int
    max_page_size: int


class Types:
    """Schemas of types, gathered so that each stands in the document once."""

    def __init__(self) -> None:
        self._wanted: list[tuple[int, Mode, TypeAdapter[Any]]] = []

    def add(self, kind: Any, mode: Mode) -> Callable[[], Json]:
        """Ask for the schema of a type; what comes back gives it once all were asked for."""
        key = (len(self._wanted), mode)
        self._wanted.append((*key, TypeAdapter(kind)))
        return lambda: self._made[0][key]

    @property
    def components(self) -> Json:
        """The schemas that the others refer to."""
        return dict(self._made[1].get("$defs", {}))

    @cached_property
    def _made(self) -> tuple[Mapping[tuple[int, Mode], Json], Json]:
        return TypeAdapter.json_schemas(self._wanted, ref_template="#/components/schemas/{model}")


def document(routes: Sequence[Route], site: Site) -> Json:
    """All of it."""
    types = Types()
    described = [(route, _Operation(route, site, types)) for route in routes]
    failure = types.add(Failure, "serialization")
    paths: dict[str, Json] = {}
    for route, operation in described:
        paths.setdefault(_PARAMETER.sub(r"{\1}", route.path), {})[route.method.lower()] = operation.json()
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "smtpfax",
            "version": site.version,
            "description": "Faxes by e-mail and over HTTP: Kazoo's Faxes API, with fields of our own beside Kazoo's. "
            "Times in Kazoo's fields are Gregorian seconds (Unix time + 62167219200), ours are RFC 3339 in UTC.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": site.public_url}],
        "paths": paths,
        "components": {
            "schemas": types.components,
            "responses": {name: _content(text, failure()) for name, text in _ERRORS.items()},
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


class _Operation:
    """One method of one path: first it asks for its schemas, later it is written."""

    def __init__(self, route: Route, site: Site, types: Types) -> None:
        self._route, self._about = route, route.about
        self._answer = types.add(_enveloped(self._about), "serialization")
        body = _asked(self._about)
        self._body = types.add(body, "validation") if body is not None else None
        self._query = {name: types.add(kind, "validation") for name, kind in _query(self._about, site)}
        self._headers = {name: types.add(kind, "validation") for name, kind in self._about.headers.items()}

    def json(self) -> Json:
        """As it stands in the document."""
        route = self._route
        found: Json = {
            "operationId": _operation_id(route),
            "summary": _summary(route),
            "tags": [_tag(route.path)],
            "parameters": list(self._parameters()),
            "responses": self._responses(),
            "security": [{"token": []}, {"bearer": []}] if route.scope else [],
        }
        if route.scope:
            found["description"] = f"Needs a token with the scope `{route.scope}`."
        if self._body or self._about.takes:
            found["requestBody"] = {"required": True, "content": dict(self._contents())}
        return found

    def _contents(self) -> Iterator[tuple[str, Json]]:
        if self._body:
            yield JSON, {"schema": self._body()}
        for media_type in self._about.takes:
            yield media_type, {}

    def _parameters(self) -> Iterator[Json]:
        for name in _PARAMETER.findall(self._route.path):
            yield _parameter(name, "path", {"type": "string", "pattern": f"^{ID.pattern}$"}) | {"required": True}
        yield from (_parameter(name, "query", schema()) for name, schema in self._query.items())
        yield from (_parameter(name, "header", schema()) for name, schema in self._headers.items())

    def _responses(self) -> Json:
        well = {"description": "As it was asked for.", "content": {media: {} for media in self._about.gives}}
        code = self._about.code
        errors: Json = {each: {"$ref": f"#/components/responses/{each}"} for each in (*_codes(self._route), "default")}
        told = well if self._about.gives else _content("As it was asked for.", self._answer())
        if HTML in self._about.gives:  # whoever looks at a page is told on a page
            errors = {each: {"description": _ERRORS[each], "content": {HTML: {}, JSON: {}}} for each in errors}
        return {str(code): told, **errors}


def _enveloped(about: About) -> Any:
    around: Any = Listing if about.page else Success  # a type made here is nothing that mypy could read
    return around[Any if about.answer is None else about.answer]


def _asked(about: About) -> Any:
    around: Any = Asked
    return about.whole_body if about.body is None else around[about.body]


def _query(about: About, site: Site) -> Iterator[tuple[str, Any]]:
    if about.page:
        yield from page_keys(page_size=site.page_size, most=site.max_page_size).items()
    yield from ((f"filter_{name}", FILTERS[name]) for name in about.filters)
    yield from about.query.items()


def _codes(route: Route) -> Iterator[str]:
    """The errors that are to be expected."""
    about = route.about
    if about.body is not None or about.whole_body is not None or about.takes or about.page or about.filters:
        yield "400"
    if route.scope:
        yield from ("401", "403")
    if _PARAMETER.search(route.path):
        yield "404"
    if about.body is not None or about.takes:
        yield from ("409", "413")
    if len(about.gives) > 1:
        yield "406"
    if about.takes:
        yield "415"
    if about.page:
        yield "416"
    yield from ("429", "503")


def _content(description: str, schema: Json) -> Json:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _parameter(name: str, place: str, schema: Json) -> Json:
    """What is said of a value as a whole stands beside its schema."""
    inner = {key: value for key, value in schema.items() if key != "description"}
    said = {"description": schema["description"]} if "description" in schema else {}
    return {"name": name, "in": place, **said, "schema": inner}


def _operation_id(route: Route) -> str:
    words = re.findall(r"[a-z0-9]+", _PARAMETER.sub(r"by_\1", route.path.lower().removeprefix("/v2")))
    return "_".join([route.method.lower(), *words])


def _summary(route: Route) -> str:
    """A sentence."""
    docstring = (getattr(route.handler, "__doc__", None) or "").strip().split("\n\n")[0]
    said = route.about.text or " ".join(_DOCSTRING.sub("", docstring, count=1).split())
    sentence = said or getattr(route.handler, "__name__", "").replace("_", " ")
    return sentence[:1].upper() + sentence[1:]


def _tag(path: str) -> str:
    return next((tag for piece, tag in _TAGS if piece in path), "Links and health")
