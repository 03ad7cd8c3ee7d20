"""The API's description, put in order for people.

In:    the OpenAPI document that `api.openapi` made.
Out:   groups of operations, and the types that they speak of.
Fails: KeyError for a document that is none of ours.

Rule: nothing is said here that the document does not say; Kazoo's envelope, which stands around everything, is told
once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
_REF = "#/components/schemas/"
_BOUNDS = (
    ("minimum", "at least"),
    ("maximum", "at most"),
    ("minLength", "characters at least"),
    ("maxLength", "characters at most"),
    ("maxItems", "of them at most"),
)
_AROUND = ("Success_", "Listing_", "Asked_")  # Kazoo's envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A parameter, or a key: `words` say its type, `ref` is the type they end with."""

    name: str
    words: str
    ref: str = ""
    required: bool = False
    place: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    anchor: str
    method: str
    path: str
    summary: str
    text: str
    fields: Sequence[Field]
    body: Field | None
    takes: Sequence[str]
    answer: Field | None
    gives: Sequence[str]
    code: str
    curl: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Operations that belong together."""

    title: str
    operations: Sequence[Operation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type: its keys, or its words."""

    name: str
    text: str
    fields: Sequence[Field]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """All of it."""

    text: str
    version: str
    groups: Sequence[Group]
    kinds: Sequence[Kind]


def reference(document: Json) -> Reference:
    """As it is read, from signing in to health."""
    url = document["servers"][0]["url"]
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            found.setdefault(told["tags"][0], []).append(_operation(document, url, path, method, told))
    schemas = document["components"]["schemas"]
    kinds = (_kind(name, schema) for name, schema in schemas.items() if not name.startswith(_AROUND))
    groups = [Group(title=title, operations=operations) for title, operations in found.items()]
    first = {"Signing in": 0, "Faxes": 1, "Faxboxes": 2, "SMTP log": 3, "Links and health": 9}
    return Reference(
        text=document["info"]["description"],
        version=document["info"]["version"],
        groups=sorted(groups, key=lambda group: first.get(group.title, 5)),
        kinds=sorted(kinds, key=lambda kind: kind.name.lower()),
    )


def _operation(document: Json, url: str, path: str, method: str, told: Json) -> Operation:
    code, well = next(iter(told["responses"].items()))
    content = well.get("content", {})
    body = told.get("requestBody", {}).get("content", {})
    answer = content.get("application/json", {}).get("schema")
    return Operation(
        anchor=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        text=told.get("description", ""),
        fields=[_parameter(each) for each in told["parameters"]],
        body=_data(document, body["application/json"]["schema"]) if body.get("application/json") else None,
        takes=[media for media in body if media != "application/json"],
        answer=_data(document, answer) if answer else None,
        gives=list(content),
        code=code,
        curl=_curl(url, path, method, told, body),
    )


def _curl(url: str, path: str, method: str, told: Json, body: Json) -> str:
    words = ["curl"] + ([f"-X {method.upper()}"] if method != "get" else [])
    if told["security"]:
        words.append('-H "X-Auth-Token: $TOKEN"')
    if "application/json" in body:
        words.append("""-H "Content-Type: application/json" -d '{"data": {…}}'""")
    return " ".join([*words, url + path])


def _parameter(told: Json) -> Field:
    said = {"description": told["description"]} if "description" in told else {}
    return _field(told["name"], {**told["schema"], **said}, required=told.get("required", False), place=told["in"])


def _data(document: Json, schema: Json) -> Field:
    """What stands in `data` of the envelope; a body that is no envelope is told as it is."""
    name = schema.get("$ref", "").removeprefix(_REF)
    keys = document["components"]["schemas"].get(name, schema).get("properties", {})
    return _field("data", keys["data"]) if name.startswith(_AROUND) else _field("the whole", schema)


def _kind(name: str, schema: Json) -> Kind:
    required = schema.get("required", ())
    fields = [_field(key, told, required=key in required) for key, told in schema.get("properties", {}).items()]
    words = "" if fields else _words(schema)[0]
    return Kind(name=name, text=schema.get("description", ""), fields=fields, words=words)


def _field(name: str, schema: Json, *, required: bool = False, place: str = "") -> Field:
    words, ref = _words(schema)
    return Field(name=name, words=words, ref=ref, required=required, place=place, text=schema.get("description", ""))


def _words(schema: Json) -> tuple[str, str]:
    """A type in words, and the name of the type they end with."""
    if "$ref" in schema:
        return "", schema["$ref"].removeprefix(_REF)
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"])), ""
    if "const" in schema:
        return str(schema["const"]), ""
    if several := schema.get("anyOf"):
        parts = [_words(each) for each in several]
        ref = next((ref for _, ref in parts if ref), "")
        return " or ".join(words for words, _ in parts if words) + (" or" if ref else ""), ref
    if schema.get("type") == "array":
        words, ref = _words(schema.get("items", {}))
        return f"list of {words}".strip(), ref
    return ", ".join([_plain(schema), *_bounds(schema)]), ""


def _plain(schema: Json) -> str:
    names = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "object"}
    kind = str(schema.get("type", "anything"))
    return names.get(kind, kind)


def _bounds(schema: Json) -> Iterator[str]:
    for key, words in _BOUNDS:
        if key in schema:
            value = schema[key]
            yield f"{words} {value}" if words.startswith("at") else f"{value} {words}"
