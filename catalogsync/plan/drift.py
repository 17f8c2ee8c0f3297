"""Drift: what changed on the remote since the last run, whatever the manifest wants. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from catalogsync.errors import Place
from catalogsync.model.addresses import PRODUCT, content_address, key_of, kind_of, product_address
from catalogsync.model.catalog import UPDATABLE_FIELDS, Catalog, Product, Render
from catalogsync.model.outputs import OUTPUTS, Progress, progress_of_images
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import ContentBinding, ProductBinding, RenderBinding, Stage, State
from catalogsync.plan.selection import Selection, named_in, words_of

_NOWHERE = Place("")


class Kind(StrEnum):
    """What has drifted: a field, an output, a render, or a product that is no longer there."""

    VANISHED = "vanished"
    FIELD = "field"
    OUTPUT = "output"
    RENDER = "render"


@dataclass(frozen=True, slots=True)
class Drifted:
    """One fact that is not as it is remembered: whose, of which kind, which (a field or output), and both values."""

    address: str
    kind: Kind
    name: str
    remembered: str
    seen: str


def drift(snapshot: Snapshot, state: State) -> tuple[Drifted, ...]:
    """All that differs between what is remembered and what is seen, in the state's order.

    What is on its way is no drift: a product that was never finished, a job that has ended meanwhile. What was not
    read is not judged, so a snapshot of every status tells the most.
    """
    found: list[Drifted] = []
    for binding in state.products.values():
        if kind_of(binding.address) == PRODUCT and binding.stage is Stage.FINALIZED:
            found += _product(binding, snapshot)
            if binding.unicode in snapshot.by_unicode:
                found += _outputs(_content_of(binding, state), snapshot)
    for render in state.renders.values():
        found += _render(render, snapshot)
    return tuple(found)


def part_of(state: State, selection: Selection) -> State:
    """The part of the state that is meant: with what it depends on, without what depends on something excluded.

    Content depends on its product, a render on the products in it. Raises UsageMistakeError for a glob that names
    nothing.
    """
    if selection.everything:
        return state
    meant, excluded = named_in(words_of(Catalog(state.catalog, "", (), ()), state), selection)
    needs = dict(_needs(state))
    kept = {address for address in meant - excluded if not needs.get(address, set()) & excluded}
    kept |= {needed for address in kept for needed in needs.get(address, ())}
    return replace(
        state,
        products={address: one for address, one in state.products.items() if address in kept},
        contents={address: one for address, one in state.contents.items() if address in kept},
        renders={address: one for address, one in state.renders.items() if address in kept},
        intents=tuple(intent for intent in state.intents if intent.address in kept),
    )


def _needs(state: State) -> Iterator[tuple[str, set[str]]]:
    """What each remembered content and render depends on."""
    for address in state.contents:
        yield address, {product_address(key_of(address))} & state.products.keys()
    by_sku = {one.fields.get("sku_id", ""): address for address, one in state.products.items()}
    for render in state.renders.values():
        yield render.address, {by_sku[sku_id] for sku_id in render.sku_ids if sku_id in by_sku}


def remembered_catalog(state: State) -> Catalog:
    """A catalog that wants what is remembered and nothing else, so that reading for it reads just that."""
    products = [
        Product(
            key=key_of(binding.address),
            sku_id="",
            gtin=None,
            name=None,
            main_asset_name=None,
            model=None,
            thumbnail=None,
            outputs=tuple(_content_of(binding, state).outputs),
            archive=(),
            protect=binding.protect,
            place=_NOWHERE,
        )
        for binding in state.products.values()
        if kind_of(binding.address) == PRODUCT
    ]
    renders = [Render(key_of(address), 0, (), None, (), _NOWHERE) for address in state.renders]
    return Catalog(state.catalog, "", tuple(products), tuple(renders))


def _content_of(binding: ProductBinding, state: State) -> ContentBinding:
    """What is remembered of a product's content; nothing when it is that of another product under this address."""
    content = state.contents.get(content_address(key_of(binding.address)))
    known = content is not None and content.unicode == binding.unicode
    return content if content is not None and known else ContentBinding(binding.address, binding.unicode, {})


def _product(binding: ProductBinding, snapshot: Snapshot) -> Iterator[Drifted]:
    seen = snapshot.by_unicode.get(binding.unicode)
    if seen is None:
        yield Drifted(binding.address, Kind.VANISHED, "", binding.unicode, "")
        return
    for name in UPDATABLE_FIELDS:
        now = getattr(seen, name)
        if name in binding.fields and binding.fields[name] != now:
            yield Drifted(binding.address, Kind.FIELD, name, binding.fields[name], now)


def _outputs(binding: ContentBinding, snapshot: Snapshot) -> Iterator[Drifted]:
    content = snapshot.contents.get(binding.unicode)
    if content is None:
        return
    for name in OUTPUTS:
        record, seen = binding.outputs.get(name), content.outputs.get(name)
        if record is not None and seen is not None and _moved(record.progress, seen.progress):
            yield Drifted(binding.address, Kind.OUTPUT, name, record.progress.value, seen.progress.value)


def _render(binding: RenderBinding, snapshot: Snapshot) -> Iterator[Drifted]:
    images = snapshot.renders.get(binding.address)
    if images is None:
        return
    seen = progress_of_images([image.progress for image in images]) if images else Progress.NONE
    if _moved(binding.progress, seen):
        yield Drifted(binding.address, Kind.RENDER, "", binding.progress.value, seen.value)


def _moved(remembered: Progress, seen: Progress) -> bool:
    """Whether something that had ended is now otherwise. What runs, then or now, is on its way."""
    return remembered.final and seen is not Progress.RUNNING and seen is not remembered
