"""`--refresh=none`: the state is trusted for what stays as it is, and never for what is about to be changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import diff_cases
from fake_remote import FakeRemote
from hypothesis import example, given, settings
from hypothesis import strategies as st
from loop import Shop

from catalogsync.model.addresses import key_of
from catalogsync.model.catalog import Catalog, Product
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import recalled
from catalogsync.model.state import Bind, Intend, Intent, State
from catalogsync.plan.changes import Plan, action_of
from catalogsync.plan.confirming import confirmed
from catalogsync.plan.planner import plan
from catalogsync.plan.steps import Polls
from catalogsync.state import MemoryStore

KEYS = ("A", "B", "C")
Row = tuple[str, str]


def a_shop(keys: tuple[str, ...] = KEYS, store: MemoryStore | None = None, remote: FakeRemote | None = None) -> Shop:
    """Products with an output each, applied already."""
    case: dict[str, Any] = {
        "wanted": {"products": [{"sku_id": key, "gtin": key * 3, "name": key, "outputs": ["ar"]} for key in keys]}
    }
    catalog = diff_cases.catalog_of(case)
    files = diff_cases.files_of(case, catalog)
    remote = remote or FakeRemote(files={path: facts.sha256 for path, facts in files.items()})
    return Shop(remote, catalog, files, store or MemoryStore())


def applied(keys: tuple[str, ...] = KEYS) -> Shop:
    shop = a_shop(keys)
    asyncio.run(shop.run())
    shop.trusting = True
    return shop


def edited(catalog: Catalog, key: str, **fields: Any) -> Catalog:
    products = tuple(replace(one, **fields) if one.key == key else one for one in catalog.products)
    return replace(catalog, products=products)


def rows(made: Plan) -> list[Row]:
    return [(action_of(change), change.address) for change in made.changes]


def test_without_a_change_nothing_is_read() -> None:
    shop = applied()
    before = shop.remote.credits.spent
    made = asyncio.run(shop.plan())
    assert (rows(made), shop.remote.credits.spent - before, made.spent) == ([], 0, 0)


def test_only_what_is_about_to_be_changed_is_read() -> None:
    shop = applied()
    shop.catalog = edited(shop.catalog, "B", name="another")
    made = asyncio.run(shop.plan())
    assert rows(made) == [("update", "product.B")]
    assert made.spent == 1


def test_a_product_that_is_there_is_adopted_and_not_made_twice_when_the_state_is_lost() -> None:
    former = applied()
    shop = a_shop(remote=former.remote)
    shop.trusting = True
    made = asyncio.run(shop.plan())
    assert rows(made) == [("adopt", "product.A"), ("adopt", "product.B"), ("adopt", "product.C")]
    asyncio.run(shop.apply(made))
    assert all(len(shop.remote.live(key)) == 1 for key in KEYS)


def test_content_that_the_state_does_not_know_is_read_before_a_job_is_submitted() -> None:
    shop = applied()
    state = shop.store.load()
    forgetful = MemoryStore(replace(state, contents={}))
    shop = replace(shop, store=forgetful)
    assert rows(asyncio.run(shop.plan())) == []
    assert {held.jobs["ar"] for held in shop.remote.held.values()} == {1}


def test_what_vanished_is_made_anew_when_it_is_to_be_changed_and_not_patched() -> None:
    shop = applied()
    (held,) = shop.remote.live("A")
    held.deleted = True
    assert rows(asyncio.run(shop.plan())) == [], "an unchanged product is trusted to be there"
    shop.catalog = edited(shop.catalog, "A", name="another")
    assert rows(asyncio.run(shop.plan())) == [("create", "product.A"), ("generate", "content.A")]


def test_what_is_gone_already_is_not_deleted() -> None:
    shop = applied()
    (held,) = shop.remote.live("A")
    held.deleted = True
    shop.catalog = replace(shop.catalog, products=shop.catalog.products[1:])
    assert rows(asyncio.run(shop.plan())) == [("forget", "product.A")]


def test_a_create_of_unknown_outcome_is_looked_into_whatever_is_trusted() -> None:
    shop = a_shop(("A",))
    shop.trusting = True
    asyncio.run(
        shop.remote.create_product({"sku_id": "A", "gtin": "AAA", "name": "A"}, model_name="m", thumbnail_name=None)
    )
    fields = {"sku_id": "A", "gtin": "AAA", "name": "A"}
    shop.store.commit_now(Intend(Intent("i", "run", "product.A", "create", fields, "2026-01-01T00:00:00Z")))
    asyncio.run(shop.run())
    assert len(shop.remote.live("A")) == 1
    assert shop.store.load().intents == ()


def by_the_state(shop: Shop, state: State) -> Plan:
    return plan(shop.catalog, recalled(state), state, shop.files, api_url="fake", polls=Polls(), options=shop.options)


def test_an_identifier_that_turns_out_to_be_another_ones_has_that_one_read_too() -> None:
    """B was given A's wanted sku_id behind our back: by the state alone A would just be patched."""
    shop = applied()
    (held,) = shop.remote.live("B")
    held.product = replace(held.product, sku_id="X")
    shop.catalog = edited(shop.catalog, "A", sku_id="X")
    assert rows(by_the_state(shop, shop.store.load())) == [("update", "product.A")]
    made = asyncio.run(shop.plan())
    assert sorted(rows(made)) == [("update", "product.A"), ("update", "product.B")]
    asyncio.run(shop.apply(made))
    assert [len(shop.remote.live(sku)) for sku in ("X", "A", "B")] == [1, 0, 1]


tampering = st.lists(
    st.one_of(
        st.tuples(st.just("delete"), st.sampled_from(KEYS), st.just("")),
        st.tuples(st.just("sku_id"), st.sampled_from(KEYS), st.sampled_from([*KEYS, "X", ""])),
        st.tuples(st.just("gtin"), st.sampled_from(KEYS), st.sampled_from(["AAA", "CCC", ""])),
        st.tuples(st.just("name"), st.sampled_from(KEYS), st.just("theirs")),
    ),
    max_size=4,
)
editing = st.dictionaries(
    st.sampled_from(KEYS),
    st.fixed_dictionaries({}, optional={"sku_id": st.sampled_from(["X", "Y"]), "name": st.just("ours")}),
)


def some_product(shop: Shop) -> Product:
    return (shop.catalog.products or a_shop().catalog.products)[0]


def tamper(remote: FakeRemote, what: str, unicode: str, value: str) -> None:
    """What somebody else does to the remote, unless its own rules forbid it."""
    held = remote.held[unicode]
    if what == "delete":
        held.deleted = True
    elif not value or all(getattr(other.product, what) != value for other in remote.held.values() if not other.deleted):
        held.product = replace(held.product, **{what: value})


@settings(max_examples=150, deadline=None)
@example([("delete", "A", ""), ("sku_id", "B", "A")], {}, {"B"}, "", "")
@example([("sku_id", "A", "X")], {}, set(), "", "A")
@given(
    tampered=tampering,
    edits=editing,
    removed=st.sets(st.sampled_from(KEYS), max_size=2),
    foreign=st.sampled_from(["", "X", "Y"]),
    salsify=st.sampled_from(["", "A", "B"]),
)
def test_a_row_that_is_applied_is_the_row_of_a_full_reading(
    tampered: list[tuple[str, str, str]],
    edits: dict[str, dict[str, str]],
    removed: set[str],
    foreign: str,
    salsify: str,
) -> None:
    """`foreign` is a sku_id that a product of somebody else has; `salsify` the product that a new entry asks for by
    its salsify_id alone.
    """
    shop = applied()
    unicodes = {key: shop.remote.live(key)[0].product.unicode for key in KEYS}
    for what, key, value in tampered:
        tamper(shop.remote, what, unicodes[key], value)
    if foreign and not shop.remote.live(foreign):
        shop.remote.held["foreign"] = replace(
            shop.remote.held[unicodes["A"]], product=RemoteProduct("foreign", foreign, "", "", ""), deleted=False
        )
    for key, fields in edits.items():
        shop.catalog = edited(shop.catalog, key, **fields)
    shop.catalog = replace(shop.catalog, products=tuple(one for one in shop.catalog.products if one.key not in removed))
    if salsify:
        shop.remote.salsify = {unicodes[salsify]: "S"}
        new = replace(some_product(shop), key="NEW", sku_id="NEW", gtin=None, salsify_id="S")
        shop.catalog = replace(shop.catalog, products=(*shop.catalog.products, new))
    trusting = asyncio.run(shop.plan())
    shop.trusting = False
    read = asyncio.run(shop.plan())
    assert [change for change in trusting.changes if change not in read.changes] == []
    touched = {key_of(change.address) for change in trusting.changes}
    assert [c for c in read.changes if key_of(c.address) in touched and c not in trusting.changes] == []


def test_what_a_reading_bears_out_is_confirmed_and_what_it_does_not_is_not() -> None:
    shop = applied()
    (held,) = shop.remote.live("B")
    held.product = replace(held.product, name="theirs")
    state = shop.store.load()
    seen = [*(one.product for one in shop.remote.held.values())]
    snapshot = replace(recalled(state), by_unicode={one.unicode: one for one in seen}, read_at="now")
    assert confirmed(state, snapshot, ()) == (), "what was recalled was not read"
    snapshot = replace(snapshot, recalled=frozenset())
    told = [write.binding for write in confirmed(state, snapshot, ()) if isinstance(write, Bind)]
    assert [(one.address, one.seen_at) for one in told] == [("product.A", "now"), ("product.C", "now")]
    assert confirmed(state, snapshot, (Bind(state.products["product.A"]),)) == tuple(map(Bind, told[1:]))
