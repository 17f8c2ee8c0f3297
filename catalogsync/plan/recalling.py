"""Plans made on the state's word: which of its rows rest on nothing that was read, and how old what they rest on is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from catalogsync.model.addresses import RENDER, key_of, kind_of
from catalogsync.model.catalog import Catalog
from catalogsync.model.identity import identify
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Binding, Intent, ProductBinding, State
from catalogsync.plan.changes import Await, Change, Forget, Notice, Plan, Render

_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def keys_to_read(made: Plan) -> set[str]:
    """The keys of all products that applying this plan would touch. A job that runs on, or what is only forgotten,
    needs no reading before.
    """
    keys: set[str] = set()
    for change in made.changes:
        match change:
            case Await() | Forget():
                continue
            case Render(product_addresses=addresses):
                keys.update(map(key_of, addresses))
            case _:
                keys.add(key_of(change.address))
    return keys


def contradicted(snapshot: Snapshot, state: State) -> set[str]:
    """The keys of products that are trusted to hold an identifier which a product that was read holds."""
    keys = set()
    for address, binding in state.products.items():
        product = snapshot.by_unicode.get(binding.unicode)
        if product is None or product.unicode not in snapshot.recalled:
            continue
        for value, holders in ((product.sku_id, snapshot.by_sku), (product.gtin, snapshot.by_gtin)):
            if value and holders[value].unicode not in snapshot.recalled:
                keys.add(key_of(address))
    return keys


def part_to_read(
    catalog: Catalog, snapshot: Snapshot, state: State, keys: set[str], intents: tuple[Intent, ...]
) -> tuple[Catalog, State]:
    """The products of these keys alone, with every binding that is theirs, for a reading of just them."""
    matches = identify(catalog, snapshot, state).matches
    theirs = {match.binding.address for match in matches if match.binding and match.product.key in keys}
    theirs |= {address for address in state.products if key_of(address) in keys}
    products = tuple(product for product in catalog.products if product.key in keys)
    bindings = {address: binding for address, binding in state.products.items() if address in theirs}
    return replace(catalog, products=products, renders=()), replace(
        state, products=bindings, renders={}, intents=intents
    )


def trusted(state: State, snapshot: Snapshot) -> dict[str, str]:
    """What was not read, by address, with the time at which the remote last said so ("" when that is not known)."""
    return {binding.address: binding.seen_at for binding in _bindings(state) if not _was_read(binding, snapshot)}


def _bindings(state: State) -> Iterator[Binding]:
    yield from state.products.values()
    yield from state.contents.values()
    yield from state.renders.values()


def _was_read(binding: Binding, snapshot: Snapshot) -> bool:
    if kind_of(binding.address) == RENDER:
        return binding.address in snapshot.renders
    if isinstance(binding, ProductBinding):
        return bool(snapshot.read_at) and binding.unicode not in snapshot.recalled
    return getattr(binding, "unicode", "") in snapshot.contents


def without_unknown(made: Plan, state: State) -> Plan:
    """The plan without rows of resources with a call whose outcome only a reading can tell; each is said."""
    unknown = {_resource(intent.address): intent for intent in state.intents}
    kept = [index for index, change in enumerate(made.changes) if _resource(change.address) not in unknown]
    place = {index: position for position, index in enumerate(kept)}
    return replace(
        made,
        changes=tuple(made.changes[index] for index in kept),
        prices=tuple(made.prices[index] for index in kept),
        edges=tuple((place[a], place[b]) for a, b in made.edges if a in place and b in place),
        notices=(*made.notices, *(_unknown(intent) for intent in unknown.values())),
    )


def _resource(address: str) -> tuple[bool, str]:
    """A product with its content and its replacement is one; a render may have the name of a product's key."""
    return kind_of(address) == RENDER, key_of(address)


def _unknown(intent: Intent) -> Notice:
    text = (
        f"left out, since whether an earlier run's {intent.step} was done is not known and nothing was read: plan "
        "with --refresh=auto, or apply, which looks first"
    )
    return Notice(intent.address, text)


def age_note(made: Plan, change: Change) -> str:
    """What a row of a plan that trusts the state rests on; "" for a plan, or a row, that was read."""
    if made.trusted is None:
        return ""
    product = f"product.{key_of(change.address)}"
    known = change.address if change.address in made.trusted else product
    if known in made.trusted:
        at = made.trusted[known]
        return f"not read: trusted as of {to_the_second(at)}" if at else "not read: trusted, of unknown age"
    return "" if made.spent else "not read: the state does not know it"


def trust_words(facts: Mapping[str, str], now: str, *, read: bool) -> str:
    """How much is trusted and how old the oldest of it is, in a sentence. `now` is in ISO 8601."""
    rest = "what is to be changed was read" if read else "nothing was read"
    if not facts:
        return f"Trusting nothing from the state; {rest}."
    return f"Trusting {_number(facts)} from the state, {_ages(facts, now)}; {rest}."


def trust_notice(facts: Mapping[str, str]) -> tuple[Notice, ...]:
    """The same beside the plan, whenever it is shown: with times in the place of ages."""
    if not facts:
        return ()
    return (Notice("the state", f"it is trusted, not the remote, for {_number(facts)}, {_ages(facts, '')}"),)


def _number(facts: Mapping[str, str]) -> str:
    return f"{len(facts):,} {'fact' if len(facts) == 1 else 'facts'}"


def _ages(facts: Mapping[str, str], now: str) -> str:
    known = {address: at for address, at in facts.items() if at}
    if not known:
        return "of unknown age"
    address = min(known, key=known.__getitem__)
    at = to_the_second(known[address])
    oldest = f"{_age(known[address], now)} ({address}, read {at})" if now else f"read {at} ({address})"
    unknown = len(facts) - len(known)
    more = f", {unknown:,} of unknown age" if unknown else ""
    return f"the oldest {oldest}{more}"


def _age(at: str, now: str) -> str:
    try:
        age = datetime.fromisoformat(now) - datetime.fromisoformat(at)
    except (ValueError, TypeError):
        return "of unknown age"
    for unit, length in _UNITS:
        if age >= length:
            number = age // length
            return f"{number:,} {unit}{'' if number == 1 else 's'} old"
    return "less than a minute old"


def to_the_second(at: str) -> str:
    """To the second, as UTC; text that is no time as it is."""
    try:
        return datetime.fromisoformat(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return at
