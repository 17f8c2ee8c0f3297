"""The options that several commands share. Each has an environment variable CATALOGSYNC_<OPTION>."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from catalogsync.cli.audience import audience_of
from catalogsync.errors import UsageMistakeError
from catalogsync.model.catalog import Limit

Decorator = Callable[[Any], Any]  # click's own decorators are typed no closer


class LimitType(click.ParamType[Limit]):
    """A number of resources, or a percentage of the managed ones: `25` or `10%`."""

    name = "N|N%"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Limit:
        if isinstance(value, Limit):
            return value
        text = str(value).strip()
        number = text.removesuffix("%")
        try:
            amount = float(number) if text.endswith("%") else int(number)
        except ValueError:
            self.fail(f"{text!r} is neither a number nor a percentage.", param, ctx)
        if not 0 <= amount < float("inf"):  # a limit of "nan%" would never be exceeded
            self.fail(f"{text!r} is no limit; write 25 or 10%.", param, ctx)
        return Limit(amount, percent=text.endswith("%"))


class DurationType(click.ParamType[float]):
    """Seconds, or with a unit: `90`, `90s`, `15m`, `2h`."""

    name = "DURATION"
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}  # noqa: RUF012 - constant

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, (int, float)):
            return float(value)
        text = str(value).strip().lower()
        factor = self.units.get(text[-1:], 0.0)
        try:
            seconds = float(text[:-1]) * factor if factor else float(text)
        except ValueError:
            self.fail(f"{text!r} is no duration; write 90, 90s, 15m or 2h.", param, ctx)
        if not 0 <= seconds < float("inf"):
            self.fail(f"{text!r} is no duration; write 90, 90s, 15m or 2h.", param, ctx)
        return seconds


def option(name: str, *more: str, **settings: Any) -> Decorator:
    """A click option whose environment variable follows from its name."""
    variable = "CATALOGSYNC_" + name.removeprefix("--").replace("-", "_").upper()
    settings.setdefault("envvar", variable)
    settings.setdefault("show_envvar", False)
    return click.option(name, *more, **settings)


def together(*decorators: Decorator) -> Decorator:
    """Several decorators as one, in the order they are shown in the help."""

    def decorate(command: Any) -> Any:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


file_option = option(
    "--file",
    "-f",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Manifest file or folder; may be given several times.  [default: catalog.yaml]",
)
state_option = option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    help="State file.  [default: .catalogsync/state.db beside the manifest]",
)
strict_option = option("--strict", is_flag=True, help="Make warnings errors.")
outside_option = option("--allow-outside", is_flag=True, help="Let the manifest name files outside its folder.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")

events_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line while it happens, instead of text."
)


def format_option(*formats: str) -> Decorator:
    """`--format` of these, the first being the default. No variable: commands have formats of their own."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        help=f"How it is printed; --json is --format=json.  [default: {formats[0]}]",
    )


def chosen_format(form: str | None, *, as_json: bool, default: str = "text") -> str:
    """The format that `--format` and `--json` together mean. Raises UsageMistakeError when they contradict."""
    if as_json and form not in {None, "json"}:
        raise UsageMistakeError(f"--json and --format={form} contradict each other.", hint="Give one of the two.")
    return "json" if as_json else form or default


review_options = together(
    option("--artifact-url", help="Where the whole plan can be had: markdown links to it."),
    option("--images-url", help="Where the manifest's folder is on the web: markdown shows thumbnails from there."),
)
lock_option = option(
    "--lock-timeout",
    type=DurationType(),
    default=0.0,
    help="How long to wait for a state that another run holds.  [default: 0s]",
)
parallelism_option = option("--parallelism", type=click.IntRange(1, 256), help="API calls at once.  [default: 8]")

manifest_options = together(file_option, strict_option, outside_option)


def _log_file(ctx: click.Context, _param: click.Parameter, path: Path | None) -> None:
    if path is not None:
        from catalogsync.cli.logs import LogFile

        audience_of(ctx).open(LogFile(path))


def _verbose(ctx: click.Context, _param: click.Parameter, level: int) -> None:
    if level:
        from catalogsync.cli.logs import verbose

        audience_of(ctx).listen(verbose(level))


log_options = together(
    option(
        "--verbose",
        "-v",
        count=True,
        expose_value=False,
        callback=_verbose,
        help="Say each call of the API on stderr; twice: all that is known of it, and of the run.",
    ),
    option(
        "--log-file",
        type=click.Path(path_type=Path, dir_okay=False),
        expose_value=False,
        callback=_log_file,
        help="Add all that happens to this file, one JSON object a line.",
    ),
)
remote_options = together(
    option("--api-url", help="Base URL of the API.  [default: https://api.imagine.io]"),
    option("--origin", help="The domain registered for the key."),
    parallelism_option,
    log_options,
)


def refresh_option(does: str) -> Decorator:
    """`--refresh`, the same three words everywhere; `does` says what each of them reads here."""
    return option(
        "--refresh", type=click.Choice(["auto", "full", "none"]), default="auto", help=f"{does}  [default: auto]"
    )


plan_options = together(
    refresh_option(
        "How much of the remote is read: what can matter, every status, or nothing, so that the state is trusted. "
        "apply reads what it is about to change even then."
    ),
    option("--retry-failed", is_flag=True, help="Generate outputs and renders that failed once more."),
    click.option("--replace", multiple=True, metavar="ADDRESS", help="Make this product anew; may be repeated."),
    option("--max-deletes", type=LimitType(), help="Refuse to destroy more than this.  [default: 10%, from 10 on]"),
    option("--max-replaces", type=LimitType(), help="Refuse to replace more than this.  [default: 25%, from 10 on]"),
    option(
        "--max-credits",
        type=click.IntRange(0),
        help="Refuse a plan that is expected to cost more, and spend no more on it.",
    ),
    option(
        "--adopt",
        type=click.Choice(["trust", "replace", "refuse"]),
        default="trust",
        help="Products that exist already: take them over, take them over and replace them for their model is not "
        "known, or refuse.  [default: trust]",
    ),
    option("--allow", multiple=True, metavar="GUARD", help="Override a guard by its id; may be given several times."),
)
target_options = together(
    click.option(
        "--target",
        multiple=True,
        metavar="GLOB",
        help="Only this, and what it depends on: an address, sku_id or name, with * and ?; may be repeated.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        help="Leave this out, and what depends on it; may be repeated.",
    ),
    option(
        "--target-file",
        type=click.File("r", encoding="utf-8"),
        help="More targets from this file, one a line, # starts a comment; - is standard input.",
    ),
)
selection_options = together(
    target_options,
    option(
        "--changed-since",
        metavar="GITREV",
        help="Only products and renders whose entries or files differ from those of this git commit.",
    ),
)
destroy_option = click.option("--destroy", is_flag=True, help="Plan to delete every product that is managed.")
cutoff_option = option(
    "--cutoff",
    type=click.Choice(["hard", "soft"]),
    help="Apply what fits into --max-credits instead of refusing the plan: hard sends nothing beyond the limit, soft "
    "finishes what has started.",
)
settle_option = option(
    "--settle-time",
    type=DurationType(),
    help="How long a call that was not answered is given to show its effect before it is sent again.  [default: 15s]",
)
wait_options = together(
    option("--poll-initial", type=DurationType(), help="First look at a new job after this long.  [default: 3m]"),
    option("--poll-interval", type=DurationType(), help="Then every so often.  [default: 150s]"),
    option("--wait-timeout", type=DurationType(), help="Give up waiting after this long.  [default: 60m]"),
)
