"""Reading products: list or look up by price, completely or not at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from fake_remote import Meter
from plan_shapes import catalog_of

from catalogsync.errors import ObservationError, ServerFaultError
from catalogsync.model.catalog import Catalog
from catalogsync.model.outputs import OUTPUTS
from catalogsync.model.remote import NOT_REQUESTED, ContentSeen, Page, RemoteProduct, RenderImage, SharedContent
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Intent, Origin, ProductBinding, Stage, State
from catalogsync.observe import Observation, Refresh, observe

NOW = "2026-01-01T12:00:00+00:00"
PAGE = 2


def seen(key: str, **more: str) -> RemoteProduct:
    return RemoteProduct(f"u-{key}", more.pop("sku_id", key), more.pop("gtin", ""), "", "")


def bound(key: str, stage: Stage = Stage.FINALIZED, at: str = "") -> ProductBinding:
    return ProductBinding(f"product.{key}", f"u-{key}", Origin.CREATED, stage, {}, bound_at=at)


def state_of(
    *bindings: ProductBinding, buried: frozenset[str] = frozenset(), intents: tuple[Intent, ...] = ()
) -> State:
    return State("lineage", 1, {binding.address: binding for binding in bindings}, intents=intents, buried=buried)


@dataclass
class Listed:
    """A reader over a list of products; `shifts` are what the list loses after each of its next first pages."""

    products: list[RemoteProduct]
    only_status: list[RemoteProduct] = field(default_factory=list)
    in_salsify: dict[str, list[RemoteProduct]] = field(default_factory=dict)  # what its filter answers
    shows_salsify: bool = False
    shared: list[RemoteProduct] = field(default_factory=list)
    shifts: int = 0
    fault: str = ""
    calls: Counter[str] = field(default_factory=Counter)
    asked: list[str] = field(default_factory=list)
    credits: Meter = field(default_factory=Meter)
    running: int = 0
    most: int = 0

    async def _call(self, operation: str) -> None:
        self.calls[operation] += 1
        self.credits.spent += 1
        if operation == self.fault:
            raise ServerFaultError("down", status=503)
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1

    async def products_page(self, number: int = 1) -> Page[RemoteProduct]:
        await self._call("page")
        count = len(self.products)
        results = tuple(self.products[(number - 1) * PAGE : number * PAGE])
        if number == 1 and self.shifts:
            self.shifts -= 1
            self.products = self.products[1:]
        return Page(number, -(-count // PAGE), count, results)

    async def find_products(
        self, *, unicode: str = "", sku_id: str = "", gtin: str = "", salsify_id: str = ""
    ) -> tuple[RemoteProduct, ...]:
        await self._call("find")
        self.asked.append(unicode or sku_id or gtin or salsify_id)
        if salsify_id:
            shown = salsify_id if self.shows_salsify else ""
            return tuple(replace(found, salsify_id=shown) for found in self.in_salsify.get(salsify_id, ()))
        return tuple(
            found
            for found in self.products
            if (found.unicode == unicode if unicode else found.sku_id == sku_id if sku_id else found.gtin == gtin)
        )

    async def shared_content(self, *, salsify_id: str = "") -> SharedContent | None:
        await self._call("shared")
        self.asked.append(f"shared {salsify_id}")
        return next((SharedContent(found, "", {}, ()) for found in self.shared if found.salsify_id == salsify_id), None)

    async def content_status(self, *, unicode: str = "", sku_id: str = "") -> ContentSeen | None:
        await self._call("status")
        self.asked.append(f"status {unicode or sku_id}")
        for found in self.products + self.only_status:
            if found.unicode == unicode if unicode else found.sku_id == sku_id:
                return ContentSeen(found, dict.fromkeys(OUTPUTS, NOT_REQUESTED))
        return None

    async def render_images(self, *, render_id: str = "", sku_id: str = "") -> tuple[RenderImage, ...]:
        raise AssertionError


def looked(
    reader: Listed,
    catalog: Catalog,
    state: State | None = None,
    say: Callable[[str], None] = lambda _: None,
    workers: int = 2,
    refresh: Refresh = Refresh.AUTO,
    *,
    thorough: bool = True,
) -> Snapshot:
    how = Observation(refresh, workers=workers, say=say, now=lambda: NOW, thorough=thorough)
    return asyncio.run(observe(reader, catalog, state or state_of(), how))


def stock(number: int) -> list[RemoteProduct]:
    return [seen(f"P{n}") for n in range(number)]


# Products wanted, products on the remote (two on a page): pages read, look-ups made, and what is said.
PRICES: list[tuple[list[str], int, int, int, str]] = [
    ([], 10, 0, 0, ""),
    (["P9"], 10, 0, 1, "Reading 1 product by itself (1 credit)."),
    (["P0", "P1"], 2, 1, 0, "Reading all 2 products (1 credit)."),
    (["P0", "NEW"], 0, 1, 0, "Reading all 0 products (1 credit)."),
    (["P0", "P1"], 10, 1, 0, ""),
    (["P0", "P9"], 10, 1, 1, "Reading 1 product one by one (1 credit); listing would take 5."),
    (["P8", "P9"], 10, 1, 2, "Reading 2 products one by one (2 credits); listing would take 5."),
    (["P8", "P9"], 6, 3, 0, "Reading all 6 products (3 credits)."),
    (["P6", "P7", "P8", "P9"], 10, 5, 0, "Reading all 10 products (5 credits)."),
    (["P6", "P7", "P8", "P9"], 12, 1, 4, "Reading 4 products one by one (4 credits); listing would take 6."),
]


@pytest.mark.parametrize(("wanted", "held", "pages", "look_ups", "said"), PRICES)
def test_listing_or_looking_up_is_decided_by_price_after_the_first_page(
    wanted: list[str], held: int, pages: int, look_ups: int, said: str
) -> None:
    reader, words = Listed(stock(held)), []
    snapshot = looked(reader, catalog_of(*wanted), say=words.append)
    assert (reader.calls["page"], reader.calls["find"]) == (pages, look_ups)
    assert words == [said] * bool(said)
    assert {key for key in wanted if key in snapshot.by_sku} == {f"P{n}" for n in range(held)} & set(wanted)
    assert snapshot.spent == pages + look_ups


@pytest.mark.parametrize("workers", [1, 3, 8])
def test_no_more_reads_run_at_once_than_there_are_workers(workers: int) -> None:
    for held, wanted in ((40, 40), (400, 60)):
        reader = Listed(stock(held)[::-1])
        looked(reader, catalog_of(*(f"P{n}" for n in range(wanted))), workers=workers)
        assert reader.most == workers


def test_a_list_that_shifted_is_read_again() -> None:
    reader, words = Listed(stock(7), shifts=1), []
    snapshot = looked(reader, catalog_of(*(f"P{n}" for n in range(1, 7))), say=words.append)
    assert len(snapshot.by_unicode) == 6
    assert reader.calls["page"] == 4 + 3
    assert words[1:] == ["The product list changed while it was read; reading it again (3 credits)."]


def test_a_list_that_never_holds_still_is_no_observation() -> None:
    reader, words = Listed(stock(12), shifts=99), []
    with pytest.raises(ObservationError, match="on each of 3 readings"):
        looked(reader, catalog_of(*(f"P{n}" for n in range(12))), say=words.append)
    assert len(words) == 3
    assert reader.calls["page"] == 6 + 6 + 5


def test_products_that_we_deleted_do_not_count_even_where_they_are_shown() -> None:
    snapshot = looked(Listed(stock(2)), catalog_of("P0", "P1"), state_of(buried=frozenset({"u-P0"})))
    assert set(snapshot.by_sku) == {"P1"}


def test_an_answer_to_a_look_up_that_is_another_product_is_not_taken() -> None:
    class Loose(Listed):
        async def find_products(self, **_: str) -> tuple[RemoteProduct, ...]:
            return (seen("P1-large"),)

    assert looked(Loose([]), catalog_of("P1")).by_unicode == {}


def test_who_else_holds_a_wanted_gtin_is_asked_when_the_product_does_not_hold_it() -> None:
    catalog = catalog_of("A")
    catalog = replace(catalog, products=(replace(catalog.products[0], gtin="1"),))
    other = Listed([seen("A"), seen("B", gtin="1")])
    assert set(looked(other, catalog).by_unicode) == {"u-A", "u-B"}
    assert other.asked == ["A", "1"]
    own = Listed([seen("A", gtin="1")])
    looked(own, catalog)
    assert own.asked == ["A"]


def in_salsify(*keys: str) -> Catalog:
    """Products with their key as sku_id, of which all are in Salsify as S-KEY."""
    catalog = catalog_of(*keys)
    return replace(catalog, products=tuple(replace(one, salsify_id=f"S-{one.key}") for one in catalog.products))


HELD = replace(seen("OTHER"), salsify_id="S-A")


# What the filter answers, whether its answer shows salsify_ids, what shared content tells; who is found, what is asked.
BY_SALSIFY: list[tuple[list[RemoteProduct], bool, list[RemoteProduct], str, list[str]]] = [
    ([], False, [], "", ["A", "S-A"]),
    ([HELD], True, [], "u-OTHER", ["A", "S-A"]),
    ([HELD], False, [HELD], "u-OTHER", ["A", "S-A", "shared S-A"]),
    ([HELD], False, [], "", ["A", "S-A", "shared S-A"]),
    ([seen("X"), seen("Y")], False, [HELD], "u-OTHER", ["A", "S-A", "shared S-A"]),
]


@pytest.mark.parametrize(("answer", "shows", "shared", "found", "asked"), BY_SALSIFY)
def test_who_has_a_salsify_id_is_asked_and_taken_only_when_the_remote_shows_it(
    answer: list[RemoteProduct], shows: bool, shared: list[RemoteProduct], found: str, asked: list[str]
) -> None:
    reader = Listed([], in_salsify={"S-A": answer}, shows_salsify=shows, shared=shared)
    snapshot = looked(reader, in_salsify("A"))
    assert [one.unicode for one in snapshot.by_salsify.values()] == [found] * bool(found)
    assert reader.asked == asked
    assert snapshot.spent == len(asked)


def test_a_salsify_id_is_looked_up_after_listing_too_and_said_with_its_price() -> None:
    reader, words = Listed(stock(4), in_salsify={"S-NEW": [HELD]}), []
    looked(reader, in_salsify(*(f"P{n}" for n in range(4)), "NEW"), state_of(bound("P0"), bound("P1")), words.append)
    assert words == [
        "Reading all 4 products (2 credits).",
        "Reading who has 3 salsify_ids that are in doubt (3 credits).",
        "Reading the shared content of 1 product to see its salsify_id (1 credit).",
    ]


def test_a_bound_product_is_not_looked_up_by_its_salsify_id() -> None:
    reader = Listed(stock(1))
    looked(reader, in_salsify("P0"), state_of(bound("P0")))
    assert reader.asked == ["u-P0"]


def test_a_snapshot_tells_when_its_reading_began() -> None:
    assert looked(Listed(stock(1)), catalog_of("P0")).read_at == NOW


# A product of ours that no list shows: how it is remembered, and whether its status is asked for.
UNLISTED: list[tuple[Stage, str, bool]] = [
    (Stage.CREATED, "", True),
    (Stage.CREATED, "2020-01-01T00:00:00+00:00", True),
    (Stage.FINALIZED, "2026-01-01T11:50:01+00:00", True),
    (Stage.FINALIZED, "2026-01-01T11:50:00+00:00", False),
    (Stage.FINALIZED, "", False),
    (Stage.FINALIZED, "yesterday", False),
    (Stage.FINALIZED, "2026-01-01T11:59:00", False),
]


@pytest.mark.parametrize(("stage", "at", "asked"), UNLISTED)
def test_an_unlisted_product_is_asked_for_when_it_is_unfinished_or_recent(stage: Stage, at: str, asked: bool) -> None:
    reader = Listed([], only_status=[seen("A")])
    snapshot = looked(reader, catalog_of("A"), state_of(bound("A", stage, at)))
    assert ("status u-A" in reader.asked) == asked
    assert ("u-A" in snapshot.by_unicode) == asked


def test_a_create_of_unknown_outcome_is_asked_for_by_its_sku() -> None:
    lost = Intent("i", "run", "product.A", "create", {"sku_id": "A"}, NOW)
    reader = Listed([], only_status=[seen("A")])
    assert set(looked(reader, catalog_of("A"), state_of(intents=(lost,))).by_sku) == {"A"}
    assert reader.asked == ["A", "status A"]


@pytest.mark.parametrize(
    ("fault", "wanted", "state"),
    [
        ("page", ["P0", "P1"], state_of()),
        ("find", ["P0"], state_of()),
        ("status", ["GONE"], state_of(bound("GONE", Stage.CREATED))),
    ],
)
def test_what_could_not_be_read_is_never_absent(fault: str, wanted: list[str], state: State) -> None:
    with pytest.raises(ServerFaultError):
        looked(Listed(stock(2), fault=fault), catalog_of(*wanted), state)
