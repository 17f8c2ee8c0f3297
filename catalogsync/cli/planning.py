"""A plan that is looked at: made for `plan` and `graph`, never applied."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.complaints import tell_problems
from catalogsync.model.catalog import Catalog
from catalogsync.workflow.planning import Planned, make_plan, validate


@dataclass(frozen=True, slots=True)
class Seen:
    """The plan, what it was made for, and the manifest's files."""

    planned: Planned
    catalog: Catalog
    files: tuple[Path, ...]


def plan_to_look_at(ctx: click.Context, state: Path | None, options: Mapping[str, Any]) -> Seen:
    """Validate and plan as the options of the command say. The manifest's warnings are told on stderr."""
    place = wiring.where(ctx, options["files"])
    loaded = validate(wiring.reading_of(place, options))
    tell_problems(loaded.warnings)
    settings = loaded.catalog.settings
    choices = wiring.plan_options_of(options, loaded.catalog, wiring.timing_of(place, options, settings))
    with wiring.remote(place, options, settings) as api, wiring.open_store(place, state) as store:
        planned = asyncio.run(make_plan(loaded.catalog, store, api, choices))
    return Seen(planned, loaded.catalog, place.files)
