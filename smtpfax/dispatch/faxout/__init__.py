"""`kind = "faxout"`: RingCentral's older Send Fax Web API, and whoever speaks its form."""

from .backend import FaxOut

__all__ = ["FaxOut"]
