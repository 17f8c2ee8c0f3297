"""Every sentence of an error answer is kept with its field; credits are read whatever their type."""

import math

import pytest

from catalogsync.api.answers import Answer, credits_of, flattened, in_words, sentences_of

SENTENCES = {
    "a string": ({"message": "Sku id already exists."}, [("", "Sku id already exists.")]),
    "error of a 401": ({"error": "Invalid API key."}, [("", "Invalid API key.")]),
    "detail of a framework": ({"detail": "Not found."}, [("", "Not found.")]),
    "a dict of lists": ({"message": {"product": ["Must be a valid UUID."]}}, [("product", "Must be a valid UUID.")]),
    "lists and nested dicts mixed": (
        {"message": {"scene_id": ["No scene."], "products": {"sku_id": "Invalid sku_id(s): ['A']"}}},
        [("scene_id", "No scene."), ("products.sku_id", "Invalid sku_id(s): ['A']")],
    ),
    "a list of dicts": ({"message": [{"gtin": ["Bad."]}, "And more."]}, [("gtin", "Bad."), ("", "And more.")]),
    "errors of no field": ({"message": {"non_field_errors": ["Both."], "detail": "x"}}, [("", "Both."), ("", "x")]),
    "message and error": ({"message": "One.", "error": "Two."}, [("", "One."), ("", "Two.")]),
    "fields without an envelope": ({"sku_id": ["Taken."], "status": False}, [("sku_id", "Taken.")]),
    "a number": ({"message": {"code": 7}}, [("code", "7")]),
    "a bare list": (["No."], [("", "No.")]),
    "nothing said": ({"status": False, "data": {}, "api_hits_available": 3}, []),
    "empty words": ({"message": "  ", "error": None}, []),
    "no JSON": (None, []),
}


@pytest.mark.parametrize(("payload", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_sentences_are_found_in_every_shape(payload, expected):
    assert list(sentences_of(payload)) == expected


def test_a_flood_of_sentences_is_cut():
    assert len(sentences_of({"message": {f"field{n}": ["no"] for n in range(500)}})) == 20


@pytest.mark.parametrize(
    ("told", "available"),
    [(995, 995), ("995", 995), (" 0 ", 0), (12.0, 12), (None, None), (True, None), ("many", None), ([], None),
     (math.nan, None), (math.inf, None), (-1, -1)],
)  # fmt: skip
def test_credits_are_a_number_or_a_numeric_string(told, available):
    assert credits_of({"api_hits_available": told}) == available


@pytest.mark.parametrize("payload", [None, [], "x", {}])
def test_an_answer_without_credits_tells_none(payload):
    assert credits_of(payload) is None


def test_words_name_the_field_and_end_as_sentences():
    assert in_words((("gtin", "Taken"), ("", "Really?"))) == "gtin: Taken. Really?"


def test_text_of_others_cannot_steer_a_terminal():
    assert flattened("red \x1b[31m\nalert\u202e") == "red [31m alert"
    assert len(flattened("x" * 10_000)) == 501


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a":', b"\xff\xfe\x00", b"[" * 100_000])
def test_a_body_that_is_not_json_is_none(body):
    assert Answer(500, {}, body).json() is None
