"""What every store promises (catalogsync/state/port.py), held against each of them."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from catalogsync.errors import ExitCode, StateError, StateLockedError
from catalogsync.model.files import CachedDigest
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import UploadForm
from catalogsync.model.spend import READING, Charge, NoteCharges, Predict
from catalogsync.model.state import (
    Bind,
    Bury,
    ContentBinding,
    Intend,
    Intent,
    KnownImage,
    Note,
    NoteCredits,
    Origin,
    OutputRecord,
    Phase,
    ProductBinding,
    RenderBinding,
    Restore,
    RunEnded,
    RunStarted,
    Settle,
    Stage,
    State,
    Unbind,
)
from catalogsync.state import ChargeRow, JournalRow, MemoryStore, RunRow, StateStore, Store

NOW = "2026-02-03T04:05:06.000Z"
FORM = UploadForm("http://127.0.0.1/bucket", (("key", "models/a.glb"), ("policy", "p"), ("key", "again")))
PRODUCT = ProductBinding("product.A", "u-1", Origin.CREATED, Stage.CREATED, {"sku_id": "A"}, "m", "t", FORM, FORM)
CONTENT = ContentBinding(
    "content.A",
    "u-1",
    {"ar": OutputRecord("m", Progress.RUNNING, NOW)},
    (KnownImage(7, "Front", archived=True), KnownImage("8", "Back")),
)
RENDER = RenderBinding("render.hero", "", "f", ("A", "B"), Progress.RUNNING, NOW, (1, "two"))
INTENT = Intent("i-1", "r-1", "product.A", "create", {"sku_id": "A"}, "2026-02-03T04:05:05Z")


@pytest.fixture(params=["file", "memory"])
def store(request, tmp_path):
    made = StateStore.open(tmp_path / "state.db", clock=lambda: NOW) if request.param == "file" else None
    made = made or MemoryStore(clock=lambda: NOW)
    yield made
    made.close()


def serial_after(store: Store, *writes) -> int:
    store.commit_now(*writes)
    return store.load().serial


def test_a_new_store_has_a_lineage_of_its_own_and_remembers_nothing(store):
    state = store.load()
    assert state.lineage
    assert state.lineage != MemoryStore().load().lineage
    assert (state.serial, state.products, state.intents, state.credits_available) == (0, {}, (), None)


@pytest.mark.parametrize("binding", [PRODUCT, CONTENT, RENDER], ids=lambda one: one.address)
def test_a_binding_comes_back_as_it_was_bound(store, binding):
    store.commit_now(Bind(binding))
    state = store.load()
    assert {**state.products, **state.contents, **state.renders} == {binding.address: binding}


@pytest.mark.parametrize("binding", [PRODUCT, CONTENT, RENDER], ids=lambda one: one.address)
def test_when_the_remote_last_said_so_is_kept_and_counts_for_no_serial(store, binding):
    before = serial_after(store, Bind(binding))
    assert serial_after(store, Bind(replace(binding, seen_at=NOW))) == before
    state = store.load()
    assert [one.seen_at for one in (*state.products.values(), *state.contents.values(), *state.renders.values())] == [
        NOW
    ]


def test_binding_an_address_again_replaces_the_binding(store):
    finalized = replace(PRODUCT, stage=Stage.FINALIZED, model_form=None, thumbnail_form=None)
    store.commit_now(Bind(PRODUCT), Bind(finalized))
    assert store.load().products == {"product.A": finalized}


def test_unbinding_forgets_and_does_not_mind_an_unknown_address(store):
    store.commit_now(Bind(PRODUCT), Unbind("product.A"), Unbind("product.NEVER"))
    assert store.load().products == {}


def test_bindings_are_loaded_in_the_order_of_their_addresses(store):
    for key in ("b", "a", "c"):
        store.commit_now(Bind(replace(PRODUCT, address=f"product.{key}")))
    assert list(store.load().products) == ["product.a", "product.b", "product.c"]


@pytest.mark.parametrize(("phase", "still_open"), [("done", False), ("failed", False), ("unknown", True)])
def test_an_intent_stays_open_until_its_outcome_is_known(store, phase, still_open):
    store.commit_now(Intend(INTENT))
    assert store.load().intents == (INTENT,)
    store.commit_now(Settle("i-1", Phase(phase), "why"))
    assert store.load().intents == ((INTENT,) if still_open else ())


def test_an_unknown_outcome_can_be_settled_later(store):
    store.commit_now(Intend(INTENT), Settle("i-1", Phase.UNKNOWN), Settle("i-1", Phase.DONE))
    assert store.load().intents == ()


def restored(**changes) -> State:
    other = {"lineage": "another", "serial": 7, "credits_available": 3, "catalog": "c", "api_url": "http://127.0.0.1"}
    return State(**other, products={"product.B": replace(PRODUCT, address="product.B")}, **changes)


def test_restoring_puts_another_state_in_the_place_of_the_whole_and_counts_on(store):
    store.commit_now(Bind(PRODUCT), Bind(CONTENT), Bind(RENDER), Bury("u-1"), NoteCredits(9))
    state = restored(buried=frozenset({"u-9"}), contents={"content.B": replace(CONTENT, address="content.B")})
    store.commit_now(Restore(state))
    assert store.load() == replace(state, serial=8)


def test_restoring_an_older_state_never_counts_back(store):
    for number in range(9):
        store.commit_now(Bury(str(number)))
    assert serial_after(store, Restore(restored())) == 10


def test_restoring_loses_no_call_whose_outcome_is_unknown(store):
    lost = replace(INTENT, id="i-2")
    store.commit_now(Intend(INTENT))
    store.commit_now(Restore(restored(intents=(INTENT, lost))))
    assert store.load().intents == (INTENT, lost)
    store.commit_now(Restore(restored()), Settle("i-2", Phase.DONE))
    assert store.load().intents == (INTENT,)
    assert [row.intent_id for row in store.history()] == ["i-1", "i-2", "i-2"]


def test_the_journal_tells_what_happened_in_order(store):
    store.commit_now(Intend(INTENT), Note("r-1", "product.B", "upload_model", Phase.DONE, "12 MB"))
    store.commit_now(Settle("i-1", Phase.UNKNOWN, "the answer was lost"), Settle("i-1", Phase.DONE))
    assert store.history() == [
        JournalRow(1, "r-1", INTENT.at, "product.A", "create", Phase.INTENT, "i-1", {"sku_id": "A"}),
        JournalRow(2, "r-1", NOW, "product.B", "upload_model", Phase.DONE, detail="12 MB"),
        JournalRow(3, "r-1", NOW, "product.A", "create", Phase.UNKNOWN, "i-1", detail="the answer was lost"),
        JournalRow(4, "r-1", NOW, "product.A", "create", Phase.DONE, "i-1"),
    ]
    assert [row.seq for row in store.history("product.A")] == [1, 3, 4]
    assert store.history("product.C") == []


def test_runs_are_told_in_order_and_a_killed_one_never_ended(store):
    store.commit_now(RunStarted("r-2", "apply", NOW), RunStarted("r-1", "wait", NOW))
    store.commit_now(RunEnded("r-1", "done", 12, "later"))
    assert store.runs() == [RunRow("r-2", "apply", NOW), RunRow("r-1", "wait", NOW, "later", "done", 12)]


def test_the_last_balance_and_the_buried_are_remembered(store):
    store.commit_now(NoteCredits(995), Bury("u-1"), Bury("u-2"), NoteCredits(994), Bury("u-1"))
    assert (store.load().credits_available, store.load().buried) == (994, {"u-1", "u-2"})


CHANGES = {
    "bind": Bind(PRODUCT),
    "bind another value": Bind(replace(CONTENT, images=())),
    "unbind": Unbind("content.A"),
    "intend": Intend(replace(INTENT, id="i-2")),
    "settle": Settle("i-1", Phase.FAILED),
    "bury": Bury("u-2"),
    "restore": Restore(State("l", 0)),
}
NO_CHANGES = {
    "nothing at all": (),
    "bind the same": (Bind(CONTENT),),
    "unbind what is not bound": (Unbind("product.A"),),
    "bury again": (Bury("u-1"),),
    "outcome unknown": (Settle("i-1", Phase.UNKNOWN),),
    "note": (Note("r", "a", "s", Phase.DONE),),
    "credits": (NoteCredits(1),),
    "run": (RunStarted("r", "apply", NOW), RunEnded("r", "done", 0, NOW)),
}


@pytest.mark.parametrize("write", CHANGES.values(), ids=CHANGES.keys())
def test_serial_grows_by_one_for_a_commit_that_changes_something(store, write):
    before = serial_after(store, Bind(CONTENT), Intend(INTENT), Bury("u-1"))
    assert before == 1
    assert serial_after(store, write, NoteCredits(3)) == 2


@pytest.mark.parametrize("writes", NO_CHANGES.values(), ids=NO_CHANGES.keys())
def test_serial_stays_for_a_commit_that_changes_nothing(store, writes):
    before = serial_after(store, Bind(CONTENT), Intend(INTENT), Bury("u-1"))
    assert serial_after(store, *writes) == before


def test_the_order_of_a_mapping_is_no_change(store):
    before = serial_after(store, Bind(replace(PRODUCT, fields={"a": "1", "b": "2"})))
    assert serial_after(store, Bind(replace(PRODUCT, fields={"b": "2", "a": "1"}))) == before


IMPOSSIBLE = {
    "settle what was never intended": Settle("i-9", Phase.DONE),
    "settle as an intent": Settle("i-1", Phase.INTENT),
    "intend an id that is open": Intend(INTENT),
    "end a run that never started": RunEnded("r-9", "done", 0, NOW),
    "charge a run that never started": NoteCharges("r-9", ()),
    "predict of a run that never started": Predict("r-9", ()),
}


@pytest.mark.parametrize("write", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_a_commit_with_an_impossible_write_is_refused_as_a_whole(store, write):
    store.commit_now(Intend(INTENT))
    before = (store.load(), store.history(), store.runs())
    with pytest.raises(StateError):
        store.commit_now(Bind(PRODUCT), Note("r", "a", "s", Phase.DONE), RunStarted("r", "apply", NOW), write)
    assert (store.load(), store.history(), store.runs()) == before


def test_commits_that_arrive_together_keep_their_order_and_each_hears_of_its_own_error(store):
    async def commit_all():
        settle_twice = [store.commit(Settle("i-1", Phase.DONE, str(number))) for number in range(2)]
        binds = [store.commit(Bind(replace(PRODUCT, product_id=str(number)))) for number in range(50)]
        return await asyncio.gather(store.commit(Intend(INTENT)), *settle_twice, *binds, return_exceptions=True)

    answers = asyncio.run(commit_all())
    assert [number for number, answer in enumerate(answers) if answer is not None] == [2]
    assert isinstance(answers[2], StateError)
    assert store.load().products["product.A"].product_id == "49"
    assert store.load().serial == 52
    assert [row.detail for row in store.history()] == ["", "0"]


def test_a_digest_is_found_as_soon_as_it_is_put_and_after_a_flush(store):
    digest = CachedDigest(12, 1_763_962_478_123_456_789, 2**64 - 1, "a" * 64, 1)
    cache = store.digests()
    assert cache.get("/m/a.glb") is None
    cache.put("/m/a.glb", digest)
    assert cache.get("/m/a.glb") == digest
    cache.flush()
    assert store.digests().get("/m/a.glb") == digest
    assert store.load().serial == 0


def test_the_lock_is_exclusive_and_free_again_after_its_holder(store):
    with store.lock(command="catalogsync apply"):
        with pytest.raises(StateLockedError, match="catalogsync apply") as caught, store.lock(command="other"):
            pass
        assert "--lock-timeout" in caught.value.hint
        assert caught.value.exit_code is ExitCode.STATE_LOCKED
    with store.lock(command="other"):
        store.commit_now(Bind(PRODUCT))


def test_the_lock_ends_when_its_holder_fails(store):
    with pytest.raises(ZeroDivisionError), store.lock(command="catalogsync apply"):
        _ = 1 / 0
    with store.lock(command="other"):
        pass


def test_the_owner_of_the_lock_is_told_and_nobody_owns_a_free_one(store):
    assert store.owner() is None
    with store.lock(command="catalogsync apply"):
        owner = store.owner()
        assert (owner.command, owner.pid, owner.since, owner.until) == (
            "catalogsync apply",
            os.getpid(),
            NOW,
            "2026-02-03T04:06:06.000Z",
        )
    assert store.owner() is None


def test_a_broken_lock_can_be_taken_at_once_and_its_former_holder_writes_nothing_more(store):
    with store.lock(command="catalogsync apply"):
        store.commit_now(Bind(PRODUCT))
        before = (store.load(), store.history())
        store.unlock()
        assert store.owner() is None
        with pytest.raises(StateLockedError, match="no longer held by this run") as caught:
            store.commit_now(Bind(CONTENT), Note("r", "a", "s", Phase.DONE))
        assert caught.value.exit_code is ExitCode.STATE_LOCKED
        assert (store.load(), store.history()) == before
    with store.lock(command="other"):
        store.commit_now(Bind(CONTENT))


def test_breaking_a_lock_that_is_free_does_no_harm(store):
    store.unlock()
    with store.lock(command="other"):
        store.commit_now(Bind(PRODUCT))
    store.commit_now(Bind(CONTENT))


def test_taking_and_breaking_the_lock_leaves_what_is_remembered(store):
    before = store.load()
    with store.lock(command="other"):
        pass
    store.unlock()
    assert store.load() == before


def test_a_closed_store_refuses_work_and_may_be_closed_again(store):
    store.close()
    store.close()
    for call in (store.load, store.history, store.runs, lambda: store.commit_now(Bind(PRODUCT))):
        with pytest.raises(StateError, match="closed"):
            call()


def test_the_runs_of_one_saved_plan_leave_its_mark_and_any_other_run_clears_it(store):
    marks = [store.load().plan_id]
    for number, plan_id in enumerate(["p-1", "p-1", "p-2", ""]):
        store.commit_now(RunStarted(f"r-{number}", "apply", NOW, plan_id))
        marks.append(store.load().plan_id)
    assert marks == ["", "p-1", "p-1", "p-2", ""]


def test_what_a_run_of_a_saved_plan_writes_keeps_its_mark(store):
    store.commit_now(RunStarted("r-1", "apply", NOW, "p-1"), Bind(PRODUCT), RunEnded("r-1", "ok", 3, NOW))
    assert store.load().plan_id == "p-1"


def test_what_a_run_is_charged_adds_up_beside_what_was_predicted_and_is_its_spend(store):
    store.commit_now(
        RunStarted("r-1", "apply", NOW),
        Predict("r-1", (Charge("product.A", "create", 1), Charge("product.A", "look", 2))),
        NoteCharges("r-1", (Charge(READING, "list", 3),), 97),
    )
    store.commit_now(NoteCharges("r-1", (Charge("product.A", "create", 1), Charge("product.A", "look", 1)), 95))
    store.commit_now(NoteCharges("r-1", (Charge("product.A", "look", 4),)))
    assert store.charges("r-1") == [
        ChargeRow("r-1", "product.A", "create", 1, 1),
        ChargeRow("r-1", "product.A", "look", 2, 5),
        ChargeRow("r-1", READING, "list", 0, 3),
    ]
    assert store.runs() == [RunRow("r-1", "apply", NOW, "", "", 9, 100, 95)]
    assert store.load().serial == 0


def test_charges_are_told_of_one_run_or_of_all_in_the_order_of_the_runs(store):
    for run_id in ("r-2", "r-1"):
        store.commit_now(RunStarted(run_id, "apply", NOW), NoteCharges(run_id, (Charge(READING, "list", 1),)))
    assert [row.run_id for row in store.charges()] == ["r-2", "r-1"]
    assert store.charges("r-1") == [ChargeRow("r-1", READING, "list", 0, 1)]
    assert store.charges("r-9") == []


def test_a_run_that_starts_again_has_spent_nothing_yet(store):
    store.commit_now(RunStarted("r-1", "apply", NOW), NoteCharges("r-1", (Charge(READING, "list", 1),), 9))
    store.commit_now(RunStarted("r-1", "wait", NOW))
    assert (store.charges(), store.runs()) == ([], [RunRow("r-1", "wait", NOW)])
