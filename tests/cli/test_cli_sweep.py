"""`state sweep --json` is what its published schema says, whatever was found and however deleting ended."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from plan_shapes import plan_of

from catalogsync.cli.render.sweep import sweep_document
from catalogsync.errors import CatalogSyncError
from catalogsync.manifest.schema import breaches, schema_text
from catalogsync.plan.changes import Change, Delete, Forget
from catalogsync.plan.counts import Counts
from catalogsync.plan.guards import Objection
from catalogsync.plan.sweep import Leftover, Proof
from catalogsync.workflow.running import RunResult
from catalogsync.workflow.sweeping import SweepLook

SCHEMA: dict[str, Any] = json.loads(schema_text("sweep"))
DELETED = Delete("stray.A~0", "u1", {"sku_id": "A~0"}, protected=False, reason="nothing wants it", release=True)
GONE = Forget("retired.A", "it is gone from the remote")


def leftover(proof: Proof, change: Delete | Forget | None) -> Leftover:
    return Leftover("stray.A~0", "u1", "A~0", proof, "nothing wants it", change)


def looked(*found: Leftover) -> SweepLook:
    changes: list[Change] = [one.change for one in found if one.change is not None]
    made = replace(plan_of(changes), available=None)
    return SweepLook(found, made, (Objection("protected", "It is protected.", "way"),), ())


BROKEN = CatalogSyncError("It broke.", hint="Mend it.")
ENDED = RunResult(
    Counts(destroyed=1), (("stray.A~0", BROKEN),), (("retired.A", "stray.A~0 failed"),), (), 2, 7, collected=("a",)
)


@pytest.mark.parametrize("result", [None, ENDED])
@pytest.mark.parametrize("change", [DELETED, GONE, None])
@pytest.mark.parametrize("proof", Proof)
def test_every_leftover_and_every_end_is_as_published(
    proof: Proof, change: Delete | Forget | None, result: RunResult | None
) -> None:
    assert breaches("sweep", sweep_document(looked(leftover(proof, change)), result)) == []


def test_the_schema_has_each_key_and_each_proof_and_no_other() -> None:
    told: dict[str, Any] = sweep_document(looked(leftover(Proof.STATE, DELETED)), ENDED)
    row = SCHEMA["properties"]["leftovers"]["items"]["properties"]
    assert set(told) == set(SCHEMA["properties"])
    assert set(told["leftovers"][0]) == set(row)
    assert set(told["result"]) == set(SCHEMA["$defs"]["result"]["properties"])
    assert set(told["credits"]) == set(SCHEMA["properties"]["credits"]["properties"])
    assert row["proof"]["enum"] == [proof.value for proof in Proof]
