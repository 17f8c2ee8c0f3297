"""Drift as text and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

import click

from catalogsync.cli.render.closing import and_available
from catalogsync.cli.render.printable import printable
from catalogsync.model.outputs import OUTPUTS
from catalogsync.plan.drift import Drifted, Kind
from catalogsync.workflow.drifting import DriftLook

FORMAT_VERSION = "1.0"  # minor: keys are added; major: readers must refuse


def drift_text(look: DriftLook) -> str:
    """A block for each resource that has drifted, then how many they are and what looking cost."""
    return "\n".join(_lines(look))


def _lines(look: DriftLook) -> Iterator[str]:
    groups = [(address, list(found)) for address, found in groupby(look.drifted, lambda one: one.address)]
    for address, found in groups:
        gone = found[0].kind is Kind.VANISHED
        yield f"  # {printable(address)} {'has vanished from the remote' if gone else 'has changed on the remote'}"
        yield from (f"  {click.style('~', fg='yellow')}     {_told(one)}" for one in found if not gone)
        yield ""
    if groups:
        yield click.style(f"Drift: {len(groups)} of {look.resources} resources.", bold=True)
        yield "`catalogsync plan` shows what apply would do about it."
    elif not look.resources and not look.outside:
        yield click.style("Nothing to compare: the state remembers no resource. Is it the right state?", fg="yellow")
    else:
        yield click.style("No drift. The remote is as the last run left it.", bold=True, fg="green")
    if look.outside:
        counted = "1 resource is" if look.outside == 1 else f"{look.outside} resources are"
        yield click.style(f"This is partial: {counted} outside the selection.", fg="yellow")
    yield f"Credits: {look.spent} spent reading{and_available(look.available)}."


def _told(one: Drifted) -> str:
    if one.kind is Kind.FIELD:
        return printable(f'{one.name} = "{one.remembered}" -> "{one.seen}"')
    label = OUTPUTS[one.name].label if one.kind is Kind.OUTPUT else "images"
    return printable(f"{label}: {one.remembered} -> {one.seen}")


def drift_document(look: DriftLook) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "drifted": [asdict(one) for one in look.drifted],
        "resources": look.resources,
        "outside": look.outside,
        "credits": {"spent_reading": look.spent, "available": look.available},
    }
