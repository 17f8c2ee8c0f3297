"""The state: what is remembered between runs, in one SQLite file. docs/state.md says what a user sees of it."""

from __future__ import annotations

from catalogsync.state.backups import move_aside
from catalogsync.state.document import state_document, state_of_document
from catalogsync.state.lock import hold_file
from catalogsync.state.memory import MemoryStore
from catalogsync.state.owner import Owner
from catalogsync.state.port import DigestCacheView, Store
from catalogsync.state.rows import ChargeRow, JournalRow, RunRow
from catalogsync.state.store import StateStore, make_folder

__all__ = [
    "ChargeRow",
    "DigestCacheView",
    "JournalRow",
    "MemoryStore",
    "Owner",
    "RunRow",
    "StateStore",
    "Store",
    "hold_file",
    "make_folder",
    "move_aside",
    "state_document",
    "state_of_document",
]
