"""A plan as Markdown for a comment on GitHub or GitLab: what matters first, within what a comment can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from urllib.parse import quote

from catalogsync.cli.render.details import Detail, details_of, reason_of, thumbnail_of
from catalogsync.cli.render.gravity import gravest_first
from catalogsync.cli.render.markup import code, link, prose, web_address
from catalogsync.cli.render.review import Review
from catalogsync.cli.render.rows import headline_of, symbol_of
from catalogsync.cli.render.text import credits_line, partial_sentence, summary_line
from catalogsync.model.counting import counted
from catalogsync.plan.changes import Await, Change, Price

# A comment on GitHub holds 65,536 characters. A byte of UTF-8 is at least as much as a character or half of one in
# UTF-16, so bytes are counted; what is left serves those who put a sentence of their own around it.
LIMIT = 64_000
_ROOM_FOR_OBJECTIONS = 16_000
_ROOM_FOR_NOTICES = 8_000
_ROOM_FOR_RUNNING = 4_000
_ROOM_FOR_THE_END = 1_500
OPEN_ROWS = 25  # more are folded
_DETAILS = 6
_HEADER = ("| | Resource | Change | Why | Credits |", "|:-:|---|---|---|--:|")


def plan_markdown(review: Review) -> str:
    """The plan, never longer than LIMIT bytes of UTF-8."""
    head = "\n".join(_head(review))
    room = LIMIT - _size(head) - _ROOM_FOR_THE_END
    return "\n".join([head, *_changes(review, room)]).rstrip()


def marker(catalog: str) -> str:
    """The line by which the comment of an earlier run is found again, so that it is renewed and not repeated."""
    return f"<!-- catalogsync:plan:{re.sub(r'[^A-Za-z0-9._-]', '-', catalog)} -->"


def _head(review: Review) -> Iterator[str]:
    plan = review.plan
    yield marker(plan.made_from.catalog)
    yield f"### catalogsync: {'plan to destroy' if plan.destroy else 'plan for'} {code(plan.made_from.catalog)}"
    yield ""
    yield summary_line(plan)
    yield ""
    yield credits_line(plan)
    yield ""
    if plan.partial is not None:
        yield f"**This plan is partial:** {partial_sentence(plan.partial)}"
        yield ""
    objections = [
        f"> - **{prose(one.guard)}**: {prose(one.message)}. To go on: {prose(one.override)}."
        for one in review.objections
    ]
    yield from _alert("CAUTION", "This plan will not be applied.", objections, _ROOM_FOR_OBJECTIONS)
    notices = [f"> - {code(one.address)}: {prose(one.text)}" for one in plan.notices]
    yield from _alert("WARNING", "To know before you approve:", notices, _ROOM_FOR_NOTICES)
    running = [f"> - {code(change.address)}" for change in plan.changes if isinstance(change, Await)]
    title = "Still running at the remote; apply picks them up and submits nothing twice:"
    yield from _alert("NOTE", title, running, _ROOM_FOR_RUNNING)


def _alert(kind: str, title: str, lines: Sequence[str], room: int) -> Iterator[str]:
    if not lines:
        return
    yield f"> [!{kind}]"
    yield f"> {title}"
    kept = _fitting(lines, room)
    yield from kept
    if len(kept) < len(lines):
        yield f"> - and {len(lines) - len(kept):,} more"
    yield ""


def _changes(review: Review, room: int) -> Iterator[str]:
    plan = review.plan
    order = [index for index in gravest_first(plan) if not isinstance(plan.changes[index], Await)]
    rows = _fitting((_row(review, plan.changes[index], plan.prices[index]) for index in order), room)
    yield from _table(rows[:OPEN_ROWS])
    folded = rows[OPEN_ROWS:]
    if folded:
        yield f"<details><summary>{counted(len(folded), 'more change')}</summary>"
        yield ""
        yield from _table(folded)
        yield "</details>"
        yield ""
    missing = len(order) - len(rows)
    if missing:
        yield f"{counted(missing, 'change')} more would not fit into a comment: {_whole(review)}."
    elif review.artifact_url:
        yield f"More: {_whole(review)}."


def _whole(review: Review) -> str:
    return link(review.artifact_url, "the whole plan") + (
        "" if web_address(review.artifact_url) else " is what `catalogsync show` tells of the saved plan"
    )


def _table(rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield from _HEADER
        yield from rows
        yield ""


def _row(review: Review, change: Change, price: Price) -> str:
    what = [headline_of(change), *_told(details_of(change))]
    cells = (
        f"`{symbol_of(change)}`",
        code(change.address) + _picture(review, change),
        "<br>".join(what),
        prose(reason_of(review.plan, change)),
        _price(price),
    )
    return f"| {' | '.join(cells)} |"


def _told(details: Sequence[Detail]) -> Iterator[str]:
    """A line for each name, with all that bears it."""
    lines = [(name, list(group)) for name, group in groupby(details, lambda one: one.name)]
    for name, group in lines[:_DETAILS]:
        more = f" and {len(group) - _DETAILS} more" if len(group) > _DETAILS else ""
        yield f"{name} {', '.join(_sides(one) for one in group[:_DETAILS])}{more}"
    if len(lines) > _DETAILS:
        yield f"and {len(lines) - _DETAILS} more"


def _sides(one: Detail) -> str:
    if one.before is None:
        return code(one.after or "")
    if one.after is None:
        return f"<del>{code(one.before)}</del>"
    return code(one.after) if one.before == one.after else f"{code(one.before)} → {code(one.after)}"


def _picture(review: Review, change: Change) -> str:
    thumbnail = thumbnail_of(change)
    if thumbnail is None:
        return ""
    url = web_address(thumbnail.written)
    if not url and review.images_url:
        url = web_address(f"{review.images_url.rstrip('/')}/{quote(thumbnail.path)}")
    return f'<br><img src="{url}" width="64" alt="">' if url else ""


def _price(price: Price) -> str:
    if price.minimum == price.maximum:
        return f"{price.expected:,}" if price.maximum else ""
    return f"{price.expected:,} ({price.minimum:,} to {price.maximum:,})"


def _fitting(lines: Iterable[str], room: int) -> list[str]:
    """The first lines, as many as fit into so many bytes."""
    kept = []
    for line in lines:
        room -= _size(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def _size(text: str) -> int:
    return len(text.encode())
