"""What happens, counted for Prometheus."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from smtpfax.api.meter import COUNTERS, GAUGES, HISTOGRAMS, Metrics
from smtpfax.model.meter import Meter

HOUSE = Path(__file__).parents[2] / "smtpfax"
TABLES = {"count": COUNTERS, "observe": HISTOGRAMS, "set": GAUGES}


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What a scraper reads."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_what_is_counted_is_shown() -> None:
    metrics = Metrics()
    meter: Meter = metrics
    meter.count("smtpfax_smtp_received_bytes_total", 512)
    meter.count("smtpfax_notices_total", kind="receipt", result="sent")
    meter.count("smtpfax_notices_total", kind="receipt", result="sent")
    meter.observe("smtpfax_render_seconds", 0.4)
    metrics.set("smtpfax_jobs", 7, state="queued")
    seen = samples(metrics)
    assert seen["smtpfax_smtp_received_bytes_total", ()] == 512
    assert seen["smtpfax_notices_total", (("kind", "receipt"), ("result", "sent"))] == 2
    assert seen["smtpfax_render_seconds_count", ()] == 1
    assert seen["smtpfax_jobs", (("state", "queued"),)] == 7


def test_two_registries_do_not_see_each_other() -> None:
    first, second = Metrics(), Metrics()
    first.count("smtpfax_smtp_received_bytes_total")
    assert samples(second)["smtpfax_smtp_received_bytes_total", ()] == 0


def test_a_name_or_label_beside_the_tables_is_a_bug() -> None:
    metrics = Metrics()
    with pytest.raises(ValueError, match="no such metric"):
        metrics.count("smtpfax_surprises_total")
    with pytest.raises(ValueError, match="label"):
        metrics.count("smtpfax_notices_total", kind="receipt", number="+12025550123")


def test_no_label_is_a_number_an_address_or_an_account() -> None:
    labels = {label for table in (COUNTERS, GAUGES, HISTOGRAMS) for _, names in table.values() for label in names}
    assert labels.isdisjoint({"number", "to", "from", "reverse_path", "account", "account_id", "faxbox", "user"})


def calls() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Every call of a meter in the house: method, metric, labels."""
    for path in sorted(HOUSE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr=method), args=[ast.Constant(value=str(name)), *_]):
                    if method in TABLES and name.startswith("smtpfax_"):
                        yield method, name, frozenset(keyword.arg or "**" for keyword in node.keywords)


def test_every_count_in_the_house_is_of_the_tables() -> None:
    found = list(calls())
    assert len(found) > 5
    for method, name, labels in found:
        assert name in TABLES[method], name
        assert labels == frozenset(TABLES[method][name][1]), name
