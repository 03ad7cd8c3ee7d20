"""`kind = "ringcentral"`: RingCentral's REST API."""

from .backend import RingCentral
from .credential import Credentials

__all__ = ["Credentials", "RingCentral"]
