"""The store in memory stands in for the one on disk: any commits leave both saying the same."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from state_strategies import writes

from catalogsync.errors import StateError
from catalogsync.state import MemoryStore, StateStore


def said_by(store) -> tuple:
    return replace(store.load(), lineage=""), store.history(), store.runs(), store.charges()


def outcome(store, commit) -> str:
    try:
        store.commit_now(*commit)
    except StateError as error:
        return str(error)
    return "done"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(writes, max_size=5), max_size=8))
def test_any_commits_leave_both_stores_saying_the_same_also_after_opening_again(commits):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        memory = MemoryStore(clock=lambda: "now")
        with StateStore.open(path, clock=lambda: "now") as file:
            for commit in commits:
                assert outcome(file, commit) == outcome(memory, commit)
            assert said_by(file) == said_by(memory)
        with StateStore.open(path) as again:
            assert said_by(again) == said_by(memory)
