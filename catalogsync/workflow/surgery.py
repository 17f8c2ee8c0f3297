"""Forget and rename what is remembered, by hand. No call is made, and nothing on the remote changes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from catalogsync.errors import UsageMistakeError
from catalogsync.model.addresses import (
    CONTENT,
    PRODUCT,
    RENDER,
    REPLACEMENT,
    REPLACEMENT_CONTENT,
    RETIRED,
    content_address,
    key_of,
    kind_of,
)
from catalogsync.model.state import (
    Bind,
    Binding,
    Note,
    Phase,
    ProductBinding,
    RunEnded,
    RunStarted,
    State,
    Unbind,
    Write,
)
from catalogsync.state import Store
from catalogsync.state.rows import utc_now

_LEAD_WITH = {PRODUCT: CONTENT, REPLACEMENT: REPLACEMENT_CONTENT}  # whose content goes where it goes
_UNFINISHED = (REPLACEMENT, RETIRED)  # what a product that is being replaced has beside itself
_OF_A_PRODUCT = {PRODUCT, CONTENT, REPLACEMENT, REPLACEMENT_CONTENT, RETIRED}
_KEY = re.compile(r"[^\s\x00-\x1f\x7f]+")  # as the manifest's schema has it
_FIND_OUT = "`catalogsync apply` finds out what became of it, by reading."


@dataclass(frozen=True, slots=True)
class Surgery:
    """What is changed: (from, to) addresses, `to` "" for what is forgotten; and what one should know of it."""

    moves: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


def forgetting(state: State, addresses: Iterable[str]) -> Surgery:
    """What `state rm` does: products with their content. Raises UsageMistakeError with all that is in the way."""
    bound = _bound(state)
    asked = tuple(dict.fromkeys(addresses))
    gone = tuple(dict.fromkeys(part for address in asked for part in _with_content(address)))
    wrong = [problem for address in asked for problem in _why_not_forgotten(address, state, bound, gone)]
    _refuse(wrong, "Nothing was removed")
    return Surgery(tuple((address, "") for address in gone if address in bound), tuple(_notes(state, bound, gone)))


def moving(state: State, source: str, target: str) -> Surgery:
    """What `state mv` does: one product with its content, or one render. Raises UsageMistakeError."""
    bound = _bound(state)
    _refuse(list(_why_not_moved(state, bound, source, target)), "Nothing was moved")
    pairs = [(source, target)]
    if kind_of(source) == PRODUCT and (content := content_address(key_of(source))) in bound:
        pairs.append((content, content_address(key_of(target))))
    return Surgery(tuple(pairs))


def operate(store: Store, surgery: Surgery, command: str) -> int:
    """Make it in one commit, as a run of its own, after which a saved plan is stale. Returns the new serial."""
    bound = _bound(store.load())
    run_id, now = uuid.uuid4().hex, utc_now()
    writes: list[Write] = [RunStarted(run_id, command, now)]
    for source, target in surgery.moves:
        writes += [Unbind(source), Note(run_id, source, "move" if target else "forget", Phase.DONE, _detail(target))]
        if target:
            moved = replace(bound[source], address=target)
            writes += [Bind(moved), Note(run_id, target, "move", Phase.DONE, f"from {source}")]
    store.commit_now(*writes, RunEnded(run_id, "ok", 0, now))
    return store.load().serial


def _detail(target: str) -> str:
    return f"to {target}" if target else "by hand"


def _bound(state: State) -> Mapping[str, Binding]:
    return {**state.products, **state.contents, **state.renders}


def _with_content(address: str) -> Sequence[str]:
    content = _LEAD_WITH.get(kind_of(address))
    return (address, f"{content}.{key_of(address)}") if content else (address,)


def _why_not_forgotten(address: str, state: State, bound: Mapping[str, Binding], gone: Sequence[str]) -> Iterable[str]:
    yield from _open_intents(state, address)
    if address not in bound and not any(intent.address == address for intent in state.intents):
        yield f"{address} is not in the state; `catalogsync state list` shows the addresses that are."
    if kind_of(address) != PRODUCT:
        return
    for part in _unfinished(address, bound):
        if part not in gone:
            yield (
                f"{address} is being replaced, and {part} belongs to it: let `catalogsync apply` finish that, "
                "or name both."
            )


def _why_not_moved(state: State, bound: Mapping[str, Binding], source: str, target: str) -> Iterable[str]:
    kind = kind_of(source)
    yield from _open_intents(state, source)
    if source not in bound:
        yield f"{source} is not in the state; `catalogsync state list` shows the addresses that are."
    if kind == CONTENT:
        yield f"{source} goes where its product goes: move product.{key_of(source)}."
    elif kind not in {PRODUCT, RENDER}:
        yield f"{source} cannot be moved: only products and renders can."
    elif kind_of(target) != kind or not _KEY.fullmatch(key_of(target)):
        yield f"{target} is no address of a {kind}: write {kind}.KEY."
    yield from (f"{part} is there already." for part in _with_content(target) if part in bound)
    yield from _open_intents(state, target)
    yield from (
        f"{source} is being replaced, and {part} belongs to it: let `catalogsync apply` finish that first."
        for part in _unfinished(source, bound)
        if kind == PRODUCT
    )


def _unfinished(address: str, bound: Mapping[str, Binding]) -> list[str]:
    return [part for kind in _UNFINISHED if (part := f"{kind}.{key_of(address)}") in bound]


def _open_intents(state: State, address: str) -> Iterable[str]:
    """Of a product those of all that belongs to it."""
    kinds = _OF_A_PRODUCT if kind_of(address) == PRODUCT else {kind_of(part) for part in _with_content(address)}
    for intent in state.intents:
        if key_of(intent.address) == key_of(address) and kind_of(intent.address) in kinds:
            yield f"{intent.address}: the outcome of its `{intent.step}` of {intent.at} is not known yet. {_FIND_OUT}"


def _notes(state: State, bound: Mapping[str, Binding], gone: Sequence[str]) -> Iterable[str]:
    for address in gone:
        binding = bound.get(address)
        if not isinstance(binding, ProductBinding):
            continue
        if binding.protect:
            yield f"{address} was protected; that is forgotten too."
        for render in state.renders.values():
            if render.address not in gone and binding.fields.get("sku_id", "") in render.sku_ids:
                yield f"{render.address} shows {address}; it stays in the state."


def _refuse(wrong: Sequence[str], consequence: str) -> None:
    if len(wrong) == 1:
        raise UsageMistakeError(f"{wrong[0]} {consequence}.")
    if wrong:
        raise UsageMistakeError("\n".join([f"{consequence}:", *(f"  {problem}" for problem in dict.fromkeys(wrong))]))
