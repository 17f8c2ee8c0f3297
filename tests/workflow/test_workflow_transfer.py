"""`state pull` and `state push`: a document comes back as it was, and what is no state is refused with every reason."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from catalogsync.errors import StateError
from catalogsync.model.state import Bind, Intend, Intent, Origin, ProductBinding, RunStarted, Stage, State
from catalogsync.state import StateStore, state_document
from catalogsync.workflow.transfer import push, read_document

PRODUCT = ProductBinding("product.A", "u", Origin.CREATED, Stage.FINALIZED, {"sku_id": "A"})
INTENT = Intent("i-1", "r", "product.B", "create", {"sku_id": "B"}, "2026-02-03T04:05:06.000Z")


@pytest.fixture
def store(tmp_path):
    with StateStore.open(tmp_path / "state.db") as made:
        made.commit_now(RunStarted("r-1", "apply", "now", "p-1"), Bind(PRODUCT))
        made.commit_now(Intend(INTENT))
        yield made


def pulled(store: StateStore) -> State:
    return read_document(json.dumps(state_document(store.load())), "state.json")


def test_what_was_pulled_and_edited_is_pushed_as_the_next_serial(store):
    edited = replace(pulled(store), products={"product.A": replace(PRODUCT, protect=True)})
    pushed = push(store, edited, force=False, command="state push")
    state = store.load()
    assert state.products == edited.products
    assert (state.serial, state.plan_id, pushed.serial, pushed.resources) == (3, "", 3, 1)
    (run,) = [run for run in store.runs() if run.command == "state push"]
    (row,) = [row for row in store.history() if row.run_id == run.run_id]
    assert row.detail == f"serial 2 in the place of serial 2, which is kept in {pushed.kept.name}"


def test_what_is_replaced_is_kept_in_a_copy_that_opens(store):
    before = store.load()
    pushed = push(store, replace(pulled(store), products={}), force=False, command="state push")
    assert pushed.kept.name.startswith("state.db.backup-push-")
    assert pushed.kept.stat().st_mode & 0o777 == 0o600
    with StateStore.open(pushed.kept, create=False) as kept:
        assert kept.load() == before


def test_a_call_whose_outcome_is_unknown_stays_open_though_the_document_does_not_know_of_it(store):
    pushed = push(store, replace(pulled(store), intents=()), force=False, command="state push")
    assert store.load().intents == (INTENT,)
    assert pushed.open_calls == 1


FOREIGN = {
    "another lineage": ({"lineage": "other", "serial": 9}, "is of another state: its lineage is 'other'"),
    "a lower serial": ({"serial": 1}, "older than the state: its serial is 1, here it is 2"),
}


@pytest.mark.parametrize(("changes", "why"), FOREIGN.values(), ids=FOREIGN.keys())
def test_a_document_of_another_or_an_older_state_needs_force(store, changes, why):
    before = store.load()
    document = replace(pulled(store), **changes)
    with pytest.raises(StateError, match=why) as caught:
        push(store, document, force=False, command="state push")
    assert "--force" in caught.value.hint
    assert store.load() == before
    assert list(store.path.parent.glob("*backup*")) == []
    pushed = push(store, document, force=True, command="state push --force")
    assert (store.load().lineage, pushed.serial) == (document.lineage, max(document.serial, 2) + 1)


def test_a_new_state_takes_any_document(store, tmp_path):
    with StateStore.open(tmp_path / "new" / "state.db") as new:
        push(new, pulled(store), force=False, command="state push")
        assert replace(new.load(), serial=2) == replace(store.load(), plan_id="")


BAD = {
    "no JSON": ("{", ["is no JSON"]),
    "a list": ("[]", ["$: [] is not of type 'object'"]),
    "so deep that it cannot be read": ("[" * 100_000, ["is no JSON"]),
    "a newer format": ({"format_version": 2}, ["$.format_version: 1 was expected"]),
}


def bad(changes) -> str:
    return changes if isinstance(changes, str) else json.dumps(state_document(State("l", 1)) | changes)


@pytest.mark.parametrize(("text", "problems"), BAD.values(), ids=BAD.keys())
def test_what_is_no_state_is_refused(text, problems):
    with pytest.raises(StateError) as caught:
        read_document(bad(text), "state.json")
    assert all(f"state.json {problem}" in str(caught.value) or problem in str(caught.value) for problem in problems)


def test_every_breach_of_the_schema_is_said_at_once_with_its_path():
    document = {
        "serial": "1",
        "products": {"product.A": {"unicode": 5, "origin": "found", "stage": "finalized", "fields": {}}},
        "intents": [{"id": "i"}],
    }
    with pytest.raises(StateError, match=r"^state.json is no state, so nothing was pushed:") as caught:
        read_document(bad(document), "state.json")
    said = str(caught.value)
    for path in (
        "$.serial: ",
        "$.products['product.A'].unicode: ",
        "$.products['product.A'].origin: ",
        "$.intents[0]: ",
    ):
        assert path in said
    assert "state.schema.json" in caught.value.hint


def test_addresses_under_a_wrong_heading_and_ids_that_are_not_unique_are_refused():
    product = state_document(State("l", 1, products={"product.A": PRODUCT}))["products"]["product.A"]
    intent = state_document(State("l", 1, intents=(INTENT,)))["intents"][0]
    with pytest.raises(StateError) as caught:
        read_document(
            bad({"products": {"content.A": product, "product.": product}, "intents": [intent, intent]}), "state.json"
        )
    assert "$.products: 'content.A' is no address of product" in str(caught.value)
    assert "$.products: 'product.' is no address of product" in str(caught.value)
    assert "$.intents: two have the id 'i-1'" in str(caught.value)


def test_of_very_many_problems_some_are_shown_and_all_are_counted():
    wrong = {f"content.{number}": {} for number in range(60)}
    with pytest.raises(StateError, match=r"\.\.\. and 70 more"):
        read_document(bad({"contents": wrong}), "state.json")
