"""`kind = "kazoo"`: the Faxes API of a Kazoo cluster (2600Hz)."""

from .backend import Kazoo

__all__ = ["Kazoo"]
