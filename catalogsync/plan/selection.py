"""Selection: which changes of a plan are meant, what they bring along, and what an exclusion takes with it.

A selected change brings all it waits for; an excluded one takes all that wait for it. So a selected plan is always
closed under its dependencies, and guards, prices and counts follow from what is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from itertools import chain

from catalogsync.errors import UsageMistakeError
from catalogsync.model.addresses import CONTENT, RENDER, key_of, kind_of, product_address
from catalogsync.model.catalog import Catalog
from catalogsync.model.spelling import closest
from catalogsync.model.state import State
from catalogsync.plan.changes import Await, Change, Notice, Park, Partial
from catalogsync.plan.graph import Edge, reachable, reversed_edges

Words = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Selection:
    """Globs of what is meant (none: everything) and of what is not; `among` limits both to these addresses."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    among: frozenset[str] | None = None

    @property
    def everything(self) -> bool:
        return not self.targets and not self.excludes and self.among is None


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class Selected:
    """What is left of a plan: `kept` positions of its changes, and edges between positions in `kept`.

    `addresses` are the resources that the selection means or brings along; notices say why a change is in or not.
    """

    kept: tuple[int, ...]
    edges: tuple[Edge, ...]
    addresses: frozenset[str]
    notices: tuple[Notice, ...]
    partial: Partial


def words_of(catalog: Catalog, state: State) -> dict[str, frozenset[str]]:
    """What a glob may name each resource by: its address, and the sku_id and name of its product (or its own name)."""
    words: dict[str, frozenset[str]] = {}
    former = set(catalog.moved.values())
    for binding in state.products.values():
        if binding.address not in former:
            named = {binding.fields.get("sku_id", ""), binding.fields.get("name", "")} - {""}
            words[binding.address] = frozenset({binding.address, *named})
    for product in catalog.products:
        named = {product.sku_id, product.name or ""} - {""}
        words[product.address] = frozenset({product.address, *named})
        if product.outputs:
            words[product.content_address] = frozenset({product.content_address, *named})
    for address in chain(state.contents, state.renders):
        if address not in words and address not in former:
            words[address] = _words_at(address, words)
    return words | {render.address: frozenset({render.address, render.name}) for render in catalog.renders}


def _words_at(address: str, words: Words) -> frozenset[str]:
    """A render goes by its name; content, and what a replacement left, by the words of their product."""
    known = words.get(address)
    if known is not None:
        return known
    kind, key = kind_of(address), key_of(address)
    if kind == RENDER:
        return frozenset({address, key})
    product = product_address(key)
    return words.get(product, frozenset()) - ({product} if kind == CONTENT else set()) | {address}


def select(changes: Sequence[Change], edges: Sequence[Edge], words: Words, selection: Selection) -> Selected:
    """The changes that are meant and what they wait for, without those that an exclusion takes away.

    Raises UsageMistakeError when a glob names nothing, with all such globs and what they may have meant.
    """
    meant, excluded_addresses = _meant(changes, words, selection)
    waits = (*edges, *_whole_exchanges(changes, edges))
    named = {index for index, change in enumerate(changes) if change.address in meant}
    out = {index for index, change in enumerate(changes) if change.address in excluded_addresses}
    out_with_dependents = reachable(len(changes), waits, out)
    wanted = named - out_with_dependents
    kept = reachable(len(changes), reversed_edges(waits), wanted)
    place = {index: position for position, index in enumerate(sorted(kept))}
    addresses = (meant - excluded_addresses - {changes[i].address for i in out_with_dependents}) | {
        changes[index].address for index in kept
    }
    left_out = sum(not isinstance(c, Await) for index, c in enumerate(changes) if index not in kept)
    return Selected(
        kept=tuple(sorted(kept)),
        edges=tuple((place[a], place[b]) for a, b in edges if a in kept and b in kept),
        addresses=frozenset(addresses),
        notices=(
            *_brought(changes, waits, kept - wanted, kept),
            *_taken_away(changes, waits, (named & out_with_dependents) - out, out_with_dependents),
        ),
        partial=Partial(len(words.keys() - addresses), left_out),
    )


def _meant(changes: Sequence[Change], words: Words, selection: Selection) -> tuple[set[str], set[str]]:
    """The addresses that are selected, and those that are excluded by name."""
    return named_in({**words, **{change.address: _words_at(change.address, words) for change in changes}}, selection)


def named_in(known: Words, selection: Selection) -> tuple[set[str], set[str]]:
    """Of these addresses those that are selected, and those that are excluded by name.

    Raises UsageMistakeError when a glob names nothing, with all such globs and what they may have meant.
    """
    index: dict[str, set[str]] = {}
    for address, its_words in known.items():
        for word in its_words:
            index.setdefault(word, set()).add(address)
    found = {glob: _named_by(glob, index) for glob in (*selection.targets, *selection.excludes)}
    _refuse_unmatched([glob for glob, addresses in found.items() if not addresses], index)
    meant = set(known) if not selection.targets else set().union(*(found[glob] for glob in selection.targets))
    if selection.among is not None:
        meant &= selection.among
    return meant, set().union(*(found[glob] for glob in selection.excludes))


def _named_by(glob: str, index: Mapping[str, set[str]]) -> set[str]:
    """A word that is there as it is written is that word, whatever wildcards it holds."""
    if glob in index:
        return index[glob]
    fits = re.compile(translate(glob)).match
    return set().union(*(addresses for word, addresses in index.items() if fits(word)))


def _refuse_unmatched(globs: Sequence[str], words: Iterable[str]) -> None:
    if not globs:
        return
    all_words = list(words)
    close = {name for glob in globs for name in closest(glob, all_words, likeness=0.5)}
    raise UsageMistakeError(
        f"Nothing is called {' or '.join(globs)}: no address, sku_id or name.",
        hint=f"Did you mean {', '.join(sorted(close))}?" if close else "`catalogsync status` lists what there is.",
    )


def _whole_exchanges(changes: Sequence[Change], edges: Sequence[Edge]) -> Iterator[Edge]:
    """A parked product must take its own value in the same plan: parking needs the change that comes after it."""
    for before, after in edges:
        if isinstance(changes[before], Park) and changes[before].address == changes[after].address:
            yield after, before


def _brought(changes: Sequence[Change], waits: Sequence[Edge], brought: set[int], kept: set[int]) -> Iterator[Notice]:
    pairs = ((changes[a].address, changes[b].address) for a, b in waits if a in brought and b in kept)
    for address, by in sorted({address: by for address, by in pairs if address != by}.items()):
        yield Notice(address, f"is part of this plan because {by} depends on it")


def _taken_away(changes: Sequence[Change], waits: Sequence[Edge], gone: set[int], out: set[int]) -> Iterator[Notice]:
    pairs = ((changes[b].address, changes[a].address) for a, b in waits if b in gone and a in out)
    for address, lack in sorted({address: lack for address, lack in pairs if address != lack}.items()):
        yield Notice(address, f"is left out: it depends on {lack}, which is excluded")
