"""How an address is read and judged, step by step: for people who ask why.

In:    an address as somebody wrote it, or its local-part alone; what its account and its faxbox say.
Out:   an Explanation: a word and a value for each step, and whether the number would be dialled.
Fails: never: what cannot be read is the explanation's last step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .address import BadAddress, forward_path
from .dialect import Reading, read_address, split_domain
from .dialling import NOTHING_SAID, Dialling, judge
from .number import NotANumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The steps in order."""

    steps: Mapping[str, str]
    dialled: bool


def explain(
    written: str,
    *,
    region: str,
    is_ours: Callable[[str], bool] | None = None,
    account: Dialling = NOTHING_SAID,
    faxbox: Dialling = NOTHING_SAID,
) -> Explanation:
    """Read and judge it; without `is_ours`, what follows the digits that a domain begins with is the fax domain."""
    try:
        reading = _read(written, region, is_ours or _begins_with_no_digit)
    except BadAddress as fault:
        return Explanation(steps={"not an address": str(fault)}, dialled=False)
    except NotANumber as fault:
        return Explanation(steps={"not a fax number": str(fault)}, dialled=False)
    judgement = judge(reading.number, account=account, faxbox=faxbox)
    steps = {
        "written as": reading.form,
        "number": reading.number.e164,
        "sub-address": reading.number.sub_address,
        "for": reading.addressee,
        "from": reading.from_name,
        "region": judgement.region,
        "type": judgement.type.value,
        "dialled": "yes" if judgement.allowed else f"no: {judgement.why}",
        "decided by": judgement.rule,
    }
    return Explanation(steps={word: value for word, value in steps.items() if value}, dialled=judgement.allowed)


def _read(written: str, region: str, is_ours: Callable[[str], bool]) -> Reading:
    if "@" not in written:
        return read_address(written, region=region)
    path = forward_path(f"<{written}>")
    carried, _ = split_domain(path.domain, is_ours)
    return read_address(path.local_part, region=region, carried=carried)


def _begins_with_no_digit(domain: str) -> bool:
    return not domain[:1].isdigit()
