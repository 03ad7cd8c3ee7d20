"""ConfigFault: what is wrong with a configuration, one line a fault.

In:    pairs of a dotted key (or `FILE:LINE`) and one sentence
Out:   an exception whose text is `path.to.key: what is wrong`, a line each
Fails: never
"""

from collections.abc import Iterable


class ConfigFault(Exception):
    """The configuration cannot be used: `faults` says where and why, in the order of the keys."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{path}: {reason}" for path, reason in self.faults))
