"""The API's description, put in order for people; and its page."""

from __future__ import annotations

import re
from html import escape

import pytest

from smtpfax.api.app import PUBLIC
from smtpfax.api.openapi import Site, document
from smtpfax.web.reference import Reference, reference
from smtpfax.web.templates import _coded
from tests.web.conftest import Person
from tests.web.town import Town

SITE = Site(version="0.1.0", public_url="https://fax.example", page_size=50, max_page_size=1000)


@pytest.fixture(scope="module")
def told() -> Reference:
    return reference(document(PUBLIC, SITE))


def test_every_route_is_in_one_group(told: Reference) -> None:
    shown = [(each.method, each.path) for group in told.groups for each in group.operations]
    assert sorted(shown) == sorted((route.method, re.sub(r":[^{}]*\}", "}", route.path)) for route in PUBLIC)
    assert told.groups[0].title == "Signing in"


def test_every_type_that_is_spoken_of_is_told_once(told: Reference) -> None:
    operations = [each for group in told.groups for each in group.operations]
    fields = [field for each in operations for field in (*each.fields, each.body, each.answer) if field]
    fields += [field for kind in told.kinds for field in kind.fields]
    names = [kind.name for kind in told.kinds]
    assert {field.ref for field in fields if field.ref} <= set(names)
    assert len(set(names)) == len(names)
    assert not [name for name in names if name.startswith(("Success", "Listing", "Asked"))]


def test_a_list_is_told_by_what_it_is_of_and_without_its_envelope(told: Reference) -> None:
    operations = {(each.method, each.path): each for group in told.groups for each in group.operations}
    log = operations["GET", "/v2/accounts/{account}/faxes/smtplog"]
    assert log.answer is not None
    assert (log.answer.name, log.answer.words, log.answer.ref) == ("data", "list of", "AttemptRow")
    fields = {field.name: field for field in log.fields}
    assert fields["page_size"].words == "whole number, at least 1, at most 1000"
    assert (fields["filter_outcome"].ref, fields["account"].required) == ("Outcome", True)
    made = operations["PUT", "/v2/accounts/{account}/faxboxes"]
    assert made.body is not None
    assert (made.body.ref, made.code) == ("FaxboxNamed", "201")
    assert made.curl.startswith('curl -X PUT -H "X-Auth-Token: $TOKEN"')


def test_what_stands_between_backquotes_is_code_and_all_is_escaped() -> None:
    assert _coded("`a` < `<b>`") == "<code>a</code> &lt; <code>&lt;b&gt;</code>"


@pytest.mark.asyncio(loop_scope="module")
async def test_anybody_reads_the_page_and_it_runs_nothing(here: Town, stranger: Person) -> None:
    answer = await stranger.ask("GET", "/docs")
    assert (answer.status, answer.content_type) == (200, "text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]* src=)|\son[a-z]+=|\sstyle=", answer.text)
    for route in PUBLIC:
        assert escape(re.sub(r":[^{}]*\}", "}", route.path)) in answer.text
    anchors = set(re.findall(r'id="([^"]+)"', answer.text))
    assert set(re.findall(r'href="#([^"]+)"', answer.text)) <= anchors
