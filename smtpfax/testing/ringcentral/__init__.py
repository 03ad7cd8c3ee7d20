"""A RingCentral in this process, which speaks as its documents say and misbehaves on demand."""

from .server import ACCOUNT, CLIENT_ID, CLIENT_SECRET, EXTENSION, JWT, FakeRingCentral
from .tricks import TRICKS, error

__all__ = ["ACCOUNT", "CLIENT_ID", "CLIENT_SECRET", "EXTENSION", "JWT", "TRICKS", "FakeRingCentral", "error"]
