"""What happens, counted for Prometheus.

In:    a metric's name and its labels, from any room; gauges are set by `probes` at each scrape.
Out:   the text that /metrics answers.
Fails: ValueError for a name or a label that the tables do not have: a bug, found by the first test that counts it.

Rule: the tables are fixed, and no label is a number, an address or an account: what a stranger sends makes no series.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

T = TypeVar("T")
Tallied = tuple[str, *tuple[tuple[str, str], ...]]
Table = Mapping[str, tuple[str, tuple[str, ...]]]  # name -> help, labels

COUNTERS: Table = MappingProxyType(
    {
        "smtpfax_smtp_connections_total": ("Connections to the SMTP door.", ()),
        "smtpfax_smtp_commands_total": ("SMTP commands by the code of their reply.", ("command", "code")),
        "smtpfax_smtp_received_messages_total": ("Contents that were received, by what became of them.", ("result",)),
        "smtpfax_smtp_received_bytes_total": ("Octets of content that were received.", ()),
        "smtpfax_policy_decisions_total": ("Attempts by outcome and status.", ("outcome", "status")),
        "smtpfax_job_events_total": ("What happened to jobs.", ("event",)),
        "smtpfax_render_failures_total": ("Mails that could not be rendered, by cause.", ("cause",)),
        "smtpfax_pages_total": ("Pages of calls that ended.", ("backend", "result")),
        "smtpfax_attempts_total": ("Calls that ended.", ("backend", "result", "reason")),
        "smtpfax_backend_calls_total": (
            "Requests to a backend, by the group that it counts them in and by what was answered.",
            ("backend", "group", "code"),
        ),
        "smtpfax_received_total": ("Faxes that backends received, by what became of them.", ("backend", "result")),
        "smtpfax_notices_total": ("Notices by kind and by what became of them.", ("kind", "result")),
        "smtpfax_http_requests_total": ("HTTP requests by route and code.", ("route", "method", "code")),
    }
)
HISTOGRAMS: Table = MappingProxyType(
    {
        "smtpfax_render_seconds": ("Time to render one mail.", ()),
        "smtpfax_backend_request_seconds": ("Time of one request to a backend.", ("backend", "op")),
        "smtpfax_delivery_seconds": ("Time from taking a mail to the end of its job.", ()),
        "smtpfax_http_request_seconds": ("Time to answer an HTTP request.", ("route",)),
    }
)
GAUGES: Table = MappingProxyType(
    {
        "smtpfax_build_info": ("1, with the version as a label.", ("version",)),
        "smtpfax_jobs": ("Jobs by state.", ("state",)),
        "smtpfax_queue_oldest_seconds": ("Age of the oldest job that is not final.", ()),
        "smtpfax_backend_up": ("1 when the backend answered last time.", ("backend",)),
        "smtpfax_spool_free_bytes": ("Free space where the spool is.", ()),
        "smtpfax_tls_certificate_expiry_seconds": ("When the SMTP door's certificate ends, in Unix time.", ()),
    }
)
# A rendering takes tenths of a second, a fax minutes, a fax that waits for its line hours.
BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 86400)


class Metrics:
    """model.meter.Meter on a registry of its own, so that nothing else of the process is shown."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._tally: dict[Tallied, float] = {}  # what was counted since it was last read
        self._counters = {name: Counter(name, *row, registry=self._registry) for name, row in COUNTERS.items()}
        self._gauges = {name: Gauge(name, *row, registry=self._registry) for name, row in GAUGES.items()}
        self._histograms = {
            name: Histogram(name, *row, registry=self._registry, buckets=BUCKETS) for name, row in HISTOGRAMS.items()
        }

    def count(self, name: str, amount: float = 1, /, **labels: str) -> None:
        """Add to a counter; the registry hears of it when it is read, for this is called for every line of SMTP."""
        key: Tallied = (name, *labels.items())
        if key in self._tally:
            self._tally[key] += amount
        else:
            self._inc(key, amount)
            self._tally[key] = 0

    def _inc(self, key: Tallied, amount: float) -> None:
        counter, labels = _of(self._counters, key[0]), dict(key[1:])
        (counter.labels(**labels) if labels else counter).inc(amount)

    def observe(self, name: str, value: float, /, **labels: str) -> None:
        """Add a value, in seconds, to a histogram."""
        histogram = _of(self._histograms, name)
        (histogram.labels(**labels) if labels else histogram).observe(value)

    def set(self, name: str, value: float, /, **labels: str) -> None:
        """What a gauge shows now."""
        gauge = _of(self._gauges, name)
        (gauge.labels(**labels) if labels else gauge).set(value)

    def text(self) -> bytes:
        """All of it, in Prometheus' text format 0.0.4."""
        for key, amount in self._tally.items():
            self._inc(key, amount)
        self._tally = dict.fromkeys(self._tally, 0)
        return generate_latest(self._registry)


def _of(table: Mapping[str, T], name: str) -> T:
    if name not in table:
        raise ValueError(f"no such metric: {name}")
    return table[name]
