"""The document of `state pull`: it says everything, keeps to its schema, and is read with care."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from state_strategies import states

from catalogsync.errors import StateError
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import UploadForm
from catalogsync.model.state import (
    ContentBinding,
    Intent,
    KnownImage,
    Origin,
    OutputRecord,
    ProductBinding,
    RenderBinding,
    Stage,
    State,
)
from catalogsync.state import state_document, state_of_document

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "state.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FORM = UploadForm("http://127.0.0.1", (("policy", "secret-policy"),))
STATE = State(
    "lineage",
    3,
    {"product.A": ProductBinding("product.A", "u", Origin.ADOPTED, Stage.CREATED, {"sku_id": "A"}, model_form=FORM)},
    {"content.A": ContentBinding("content.A", "u", {"ar": OutputRecord("", Progress.DONE)}, (KnownImage(1, "x"),))},
    {"render.R": RenderBinding("render.R", "1", "f", ("A",), Progress.NONE, "", (1,))},
    (Intent("i", "r", "product.A", "create", {"sku_id": "A"}, "now"),),
    frozenset({"gone"}),
    9,
)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@given(states)
def test_reading_a_written_document_gives_the_same_state(state):
    read = state_of_document(json.loads(json.dumps(state_document(state))))
    assert read == state
    assert times_of(read) == times_of(state), "equality leaves them out"


def times_of(state):
    return [
        one.seen_at for table in (state.products, state.contents, state.renders) for _, one in sorted(table.items())
    ]


@given(states)
def test_every_document_keeps_to_the_published_schema(state):
    VALIDATOR.validate(json.loads(json.dumps(state_document(state))))


def test_equal_states_give_equal_text_whatever_their_order():
    other = State("l", 0, {"product.B": STATE.products["product.A"], "product.A": STATE.products["product.A"]})
    same = State("l", 0, dict(reversed(other.products.items())))
    assert json.dumps(state_document(other)) == json.dumps(state_document(same))


def test_unknown_keys_are_ignored_and_left_out_ones_have_their_defaults():
    product = {"unicode": "u", "origin": "created", "stage": "finalized", "fields": {}, "colour": "red"}
    state = state_of_document(
        {"format_version": 1, "lineage": "l", "serial": 1, "products": {"product.A": product}, "mood": "good"}
    )
    assert state.products["product.A"] == ProductBinding("product.A", "u", Origin.CREATED, Stage.FINALIZED, {})
    assert (state.contents, state.renders, state.intents, state.buried) == ({}, {}, (), frozenset())


WRONG = {
    "no version": (("format_version",), None),
    "newer version": (("format_version",), 2),
    "lineage no text": (("lineage",), 7),
    "serial no number": (("serial",), "3"),
    "serial a truth value": (("serial",), True),
    "credits no number": (("credits_available",), "many"),
    "products a list": (("products",), []),
    "product a text": (("products", "product.A"), "secret-policy"),
    "unknown origin": (("products", "product.A", "origin"), "stolen"),
    "unknown stage": (("products", "product.A", "stage"), 1),
    "fields not text": (("products", "product.A", "fields", "sku_id"), 1),
    "protect not a truth value": (("products", "product.A", "protect"), "yes"),
    "form without a url": (("products", "product.A", "model_form"), {"fields": []}),
    "form fields not pairs": (("products", "product.A", "model_form", "fields"), [["policy", "secret-policy", "x"]]),
    "form fields a mapping": (("products", "product.A", "model_form", "fields"), {"policy": "secret-policy"}),
    "unknown progress": (("contents", "content.A", "outputs", "ar", "progress"), "Done"),
    "image id a list": (("contents", "content.A", "images"), [{"id": [], "name": "x"}]),
    "image without an id": (("contents", "content.A", "images"), [{"name": "x"}]),
    "sku ids not text": (("renders", "render.R", "sku_ids"), [1]),
    "intent a text": (("intents",), ["i"]),
    "request not text": (("intents",), [{"id": "i", "run_id": "", "address": "", "step": "", "request": {"a": 1}}]),
    "buried not text": (("buried",), [["u"]]),
}


@pytest.mark.parametrize(("path", "value"), WRONG.values(), ids=WRONG.keys())
def test_a_document_that_is_wrong_is_refused_without_quoting_what_may_be_secret(path, value):
    document = copy.deepcopy(json.loads(json.dumps(state_document(STATE))))
    *way, last = path
    target = document
    for step in way:
        target = target[step]
    target[last] = value
    with pytest.raises(StateError) as caught:
        state_of_document(document)
    assert caught.value.hint
    assert "secret-policy" not in str(caught.value)
