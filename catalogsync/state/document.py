"""The state as one JSON document: what `state pull` prints (schemas/state.schema.json)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from catalogsync.errors import StateError
from catalogsync.model.state import Binding, State
from catalogsync.state.codec import Json, binding_json, content_of, intent_json, intent_of, need, product_of, render_of

DOCUMENT_VERSION = 1
B = TypeVar("B")


def _section(bindings: Mapping[str, Binding]) -> Json:
    return {address: binding_json(bindings[address]) for address in sorted(bindings)}


def state_document(state: State) -> dict[str, object]:
    """The state as JSON values. An upload form that is open is in it: treat the document as private."""
    return {
        "format_version": DOCUMENT_VERSION,
        "lineage": state.lineage,
        "serial": state.serial,
        "credits_available": state.credits_available,
        "catalog": state.catalog,
        "api_url": state.api_url,
        "plan_id": state.plan_id,
        "products": _section(state.products),
        "contents": _section(state.contents),
        "renders": _section(state.renders),
        "intents": [intent_json(intent) for intent in state.intents],
        "buried": sorted(state.buried),
    }


def state_of_document(document: Mapping[str, Any]) -> State:
    """The state that a document describes. Raises StateError when it is not such a document, or a newer one."""
    try:
        version = need(document, "format_version", int)
        if version > DOCUMENT_VERSION:
            raise StateError(
                f"The state document has format {version}; this catalogsync reads formats up to {DOCUMENT_VERSION}.",
                hint="Upgrade catalogsync.",
            )
        return _state(document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(
            f"The state document cannot be read: {error}.",
            hint="Compare it with the output of `catalogsync state pull`, whose schema is state.schema.json.",
        ) from error


def _state(document: Mapping[str, Any]) -> State:
    available = document.get("credits_available")
    return State(
        lineage=need(document, "lineage", str),
        serial=need(document, "serial", int),
        products=_bindings(document, "products", product_of),
        contents=_bindings(document, "contents", content_of),
        renders=_bindings(document, "renders", render_of),
        intents=tuple(intent_of(intent) for intent in need(document, "intents", list, [])),
        buried=frozenset(_text(unicode) for unicode in need(document, "buried", list, [])),
        credits_available=None if available is None else need(document, "credits_available", int),
        catalog=need(document, "catalog", str, ""),
        api_url=need(document, "api_url", str, ""),
        plan_id=need(document, "plan_id", str, ""),
    )


def _bindings(document: Mapping[str, Any], section: str, decode: Callable[[str, Json], B]) -> dict[str, B]:
    rows: Json = need(document, section, dict, {})
    return {address: decode(address, data) for address, data in rows.items()}


def _text(value: object) -> str:
    if type(value) is not str:
        raise ValueError('every value of "buried" must be str')
    return value
