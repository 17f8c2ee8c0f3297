"""A plan as one page that needs nothing else: no network, no server. Its script and style are in assets/.

What is known of the plan goes into the page as data that the script puts there as text, never as markup. The policy in
its head lets nothing run or load but that script, that style and the pictures inside.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from catalogsync import __version__
from catalogsync.cli.render.pagedata import page_data
from catalogsync.cli.render.printable import printable
from catalogsync.cli.render.review import Review
from catalogsync.cli.render.text import credits_line, partial_sentence, summary_line
from catalogsync.plan.changes import Plan
from catalogsync.plan.counts import count

_ASSETS = Path(__file__).parent / "assets"
_TOLD = 100  # objections or notices
_TILES = {
    "added": "to add",
    "changed": "to change",
    "destroyed": "to destroy",
    "adopted": "to import",
    "forgotten": "to forget",
}


def plan_html(review: Review) -> str:
    """The page. It holds at most as many rows as `pagedata` allows, and says how many it leaves out."""
    plan = review.plan
    script, style = _asset("graph.js") + _asset("plan.js"), _asset("plan.css")
    data = page_data(review)
    return Template(_asset("plan.html")).substitute(
        policy=_policy(script, style),
        style=style,
        script=script,
        data=_data(data),
        catalog=_text(plan.made_from.catalog),
        kind="Plan to destroy" if plan.destroy else "Plan",
        summary=_text(summary_line(plan)),
        credits="" if plan.price.maximum else f'<p class="credits">{_text(credits_line(plan))}</p>',
        tiles="".join(_tiles(plan)),
        told="".join(_told(review)),
        price="".join(_price(plan)),
        left_out="".join(_left_out(data)),
        basis=_basis(plan),
    )


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _policy(script: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode("ascii")


def _data(data: dict[str, object]) -> str:
    """JSON that no parser of HTML sees an end in."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _text(text: str) -> str:
    return escape(printable(text))


def _tiles(plan: Plan) -> Iterator[str]:
    counts = count(plan.changes)
    for name, label in _TILES.items():
        number = getattr(counts, name)
        if number or name in {"added", "changed", "destroyed"}:
            empty = "" if number else " none"
            yield f'<li class="tile {name}{empty}"><b>{number:,}</b> {label}</li>'


def _told(review: Review) -> Iterator[str]:
    if review.plan.partial is not None:
        yield _panel("note", "This plan is partial.", [_text(partial_sentence(review.plan.partial))])
    objections = [
        f"<b>{_text(one.guard)}</b> {_text(one.message)}<br><small>To go on: {_text(one.override)}.</small>"
        for one in review.objections
    ]
    yield _panel("objections", "This plan will not be applied", objections)
    notices = [f"<code>{_text(one.address)}</code> {_text(one.text)}" for one in review.plan.notices]
    yield _panel("notices", "To know before you approve", notices)


def _panel(kind: str, title: str, items: list[str]) -> str:
    if not items:
        return ""
    shown = "".join(f"<li>{item}</li>" for item in items[:_TOLD])
    more = f"<li>and {len(items) - _TOLD:,} more</li>" if len(items) > _TOLD else ""
    return f'<section class="panel {kind}"><h2>{title}</h2><ul>{shown}{more}</ul></section>'


def _price(plan: Plan) -> Iterator[str]:
    price = plan.price
    if not price.maximum:
        return
    yield f'<p class="amount"><b>{price.expected:,}</b> credits expected</p>'
    yield f"<p>at least {price.minimum:,}, at most {price.maximum:,}</p>"
    if plan.available is not None:
        short = plan.available < price.expected
        yield f'<p class="{"short" if short else "enough"}">{"only " if short else ""}{plan.available:,} available</p>'


def _left_out(data: dict[str, Any]) -> Iterator[str]:
    rows, pictures = data["rowsLeftOut"], data["picturesLeftOut"]
    if rows:
        yield f'<p class="left-out">{rows:,} more changes are not in this page; `show --format json` has them all.</p>'
    if pictures:
        which = "1 thumbnail is" if pictures == 1 else f"{pictures:,} thumbnails are"
        yield f'<p class="left-out">{which} not shown: too large for this page.</p>'


def _basis(plan: Plan) -> str:
    made = plan.made_from
    return f"Made by catalogsync {__version__} from state {made.serial:,} and {_text(made.api_url)}."
