"""All the SQL, and the migrations: what is ours survives a power cut, and is found again by name.

In:    records of the model.
Out:   records of the model; pages of them with opaque cursors.
Fails: Temporary, when the database is locked, full or gone; ValueError for a cursor that is not one of ours;
       ConfigError at start, when the database cannot be this program's.

Guarantee: what a method returned from is committed and synced. Whatever arrives while a commit is under way shares
the next one. No room outside this one knows a table.
"""

from .accounts import Changes, Kind, Record
from .attempts import AttemptFilter, AttemptRow
from .backup import BackedUp, back_up
from .cursor import Page
from .drafts import Draft
from .searching import Found
from .sessions import Session
from .statistics import Ended, Whose
from .store import Store
from .tokens import Token

__all__ = [
    "AttemptFilter",
    "AttemptRow",
    "BackedUp",
    "Changes",
    "Draft",
    "Ended",
    "Found",
    "Kind",
    "Page",
    "Record",
    "Session",
    "Store",
    "Token",
    "Whose",
    "back_up",
]
