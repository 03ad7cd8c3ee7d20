"""What all tests share: the daemon's event loop; in a final check (SMTPFAX_CI=1) nothing may be skipped.

A skip says "this machine lacks a component". There, every component must be present: a skip is a failure.
HYPOTHESIS_PROFILE=long tries many thousands of examples where hypothesis makes them up.
Nothing else belongs here; fakes that operators can use as well are in `smtpfax.testing`.
"""

import os
from collections.abc import Callable, Generator, Mapping
from typing import Any

import pytest
from hypothesis import settings

from smtpfax.intake.ears import Loop

settings.register_profile("long", max_examples=20_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
FINAL_CHECK = os.environ.get("SMTPFAX_CI") == "1"


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], Loop]]:
    """As the daemon has it."""
    return {"ears": Loop}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one."""
    return _strict((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skipped module into an error."""
    return _strict((yield))


def _strict(report: Any) -> Any:
    if FINAL_CHECK and report.skipped and not hasattr(report, "wasxfail"):
        _, _, reason = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"in a final check nothing may be skipped: {reason}"
    return report
