"""What the page of a plan draws, as small JSON: words that repeat are kept once, rows are lists."""

from __future__ import annotations

from typing import Any

from catalogsync.cli.render.details import details_of, reason_of, thumbnail_of
from catalogsync.cli.render.gravity import gravest_first
from catalogsync.cli.render.pictures import Pictures
from catalogsync.cli.render.printable import printable, shortened
from catalogsync.cli.render.review import Review
from catalogsync.cli.render.rows import headline_of, symbol_of
from catalogsync.errors import Place
from catalogsync.model.addresses import kind_of
from catalogsync.plan.changes import Change, Price, action_of

MOST_ROWS = 20_000  # more are slow to search on a phone, and nobody reads them
_LONGEST = 300  # characters of one value
_NOWHERE = Place("")


class Words:
    """Texts by number, each kept once."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        if text not in self._numbers:
            self._numbers[text] = len(self.kept)
            self.kept.append(text)
        return self._numbers[text]


def page_data(review: Review) -> dict[str, Any]:
    """Rows in reading order, at most MOST_ROWS of them; `edges` are pairs of positions in `rows`, one after another."""
    plan = review.plan
    order = gravest_first(plan)[:MOST_ROWS]
    words, pictures = Words(), Pictures(review.files)
    rows = [_row(review, index, words, pictures) for index in order]
    position = {index: at for at, index in enumerate(order)}
    kept = ((position.get(first), position.get(then)) for first, then in plan.edges)
    return {
        "words": words.kept,
        "rows": rows,
        "edges": [end for first, then in kept if first is not None and then is not None for end in (first, then)],
        "pictures": pictures.urls,
        "picturesLeftOut": pictures.left_out,
        "rowsLeftOut": len(plan.changes) - len(rows),
    }


def _row(review: Review, index: int, words: Words, pictures: Pictures) -> list[Any]:
    """Read by `decoded` of assets/plan.js, which names the fields in this order."""
    change, price = review.plan.changes[index], review.plan.prices[index]
    place = review.places.get(change.address, _NOWHERE)
    return [
        index,
        words.number(action_of(change)),
        words.number(kind_of(change.address)),
        words.number(symbol_of(change)),
        _shown(change.address),
        words.number(headline_of(change)),
        words.number(_shown(reason_of(review.plan, change))),
        *_price(price),
        _details(change, words),
        pictures.position(thumbnail_of(change)),
        words.number(printable(place.file)),
        place.line,
    ]


def _price(price: Price) -> tuple[int, int, int]:
    return price.minimum, price.expected, price.maximum


def _details(change: Change, words: Words) -> list[list[Any]]:
    return [
        [words.number(one.name), None if one.before is None else _shown(one.before), one.after and _shown(one.after)]
        for one in details_of(change)
    ]


def _shown(text: str) -> str:
    return shortened(printable(text), _LONGEST)
