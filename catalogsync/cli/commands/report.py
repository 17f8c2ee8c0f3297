"""`catalogsync report`: what a pipeline tells the people who review it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from catalogsync.cli.options import option, together
from catalogsync.cli.render.printable import harmless
from catalogsync.errors import CatalogSyncError, ExitCode

STDIN = Path("-")


@click.group("report")
def command() -> None:
    """Tell a pull request, a job summary or an issue how a run went.

    What is told never decides how a pipeline ends: what can't be posted is a warning and exit code 0, unless
    --required is given.
    """


required_option = option("--required", is_flag=True, help="End with 1 when it can't be posted.")
site_option = option(
    "--to",
    type=click.Choice(["github", "gitlab"]),
    help="The code-hosting site.  [default: the one whose runner this is]",
)
text_argument = click.argument("text", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
plan_argument = click.argument("plan", type=click.Path(path_type=Path, dir_okay=False))
posting_options = together(site_option, required_option)


@command.command("comment")
@text_argument
@posting_options
@click.option("--marker", default="plan", help="Which comment: each marker has its own.  [default: plan]")
@click.option("--number", type=click.IntRange(1), help="The pull or merge request.  [default: that of this run]")
def comment(text: Path, to: str | None, required: bool, marker: str, number: int | None) -> int:
    """Post TEXT, Markdown from a file or -, on the pull or merge request of this run.

    The comment is found again by a hidden marker and replaced, so that there is one, and it is current. After a
    merge, the request that the commit merged is meant.
    """

    def post() -> str:
        from catalogsync.hosting import host_of, post_comment

        posted = post_comment(host_of(os.environ, to), _read(text), key=marker, number=number)
        return f"{'Updated' if posted.updated else 'Posted'} the comment: {posted.url}"

    return _told(post, required=required)


@command.command("issue")
@text_argument
@posting_options
@click.option("--marker", default="drift", help="Which issue: each marker has its own.  [default: drift]")
@click.option("--title", default="The catalog has drifted", help="Of the issue.  [default: The catalog has drifted]")
@click.option("--close", is_flag=True, help="Close the issue, should one be open; TEXT is not read.")
def issue(text: Path, to: str | None, required: bool, marker: str, title: str, close: bool) -> int:
    """Open an issue with TEXT, Markdown from a file or -, or replace what the open one says."""

    def post() -> str:
        from catalogsync.hosting import close_issue, host_of, post_issue

        host = host_of(os.environ, to)
        if close:
            closed = close_issue(host, key=marker)
            return f"Closed the issue: {closed}" if closed else "No issue is open."
        posted = post_issue(host, _read(text), key=marker, title=title)
        return f"{'Updated' if posted.updated else 'Opened'} the issue: {posted.url}"

    return _told(post, required=required)


@command.command("summary")
@text_argument
@required_option
def summary(text: Path, required: bool) -> int:
    """Add TEXT, Markdown from a file or -, to the job summary; print it where the runner has none."""

    def post() -> str:
        from catalogsync.cli.jobfiles import add_summary

        words = _read(text)
        return "" if add_summary(os.environ, words) else words

    return _told(post, required=required)


@command.command("outputs")
@plan_argument
@required_option
def outputs(plan: Path, required: bool) -> int:
    """Give the numbers of a saved PLAN to the steps that follow.

    has-changes, adds, changes, destroys, credits (expected), refused (by a guard) and plan-file become outputs of the
    step on GitHub; elsewhere they are printed as variables for a dotenv file (PLAN_HAS_CHANGES=true and so on).
    """

    def post() -> str:
        from catalogsync.cli.jobfiles import add_outputs, as_variables, numbers_of

        numbers = numbers_of(plan)
        return "" if add_outputs(os.environ, numbers) else as_variables(numbers)

    return _told(post, required=required)


@command.command("reviewed-plan")
@site_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default="plan.json", help="Where it is saved.")
@click.option("--artifact", default="catalogsync-plan", help="The artifact's name; on GitLab, the job's.")
@click.option("--name", default="plan.json", help="The file in the artifact.")
def reviewed_plan(to: str | None, out: Path, artifact: str, name: str) -> int:
    """Fetch the plan that was made for the pull request which this commit merged.

    This is no report: it ends with 1 when there is no such plan, or it came from a fork.
    """
    from catalogsync.hosting import fetch_reviewed_plan, host_of

    content = fetch_reviewed_plan(host_of(os.environ, to), artifact=artifact, file=name)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise CatalogSyncError(f"The plan cannot be saved to {out}: {error.strerror}.") from error
    click.echo(f"Saved the reviewed plan to {out}.")
    return ExitCode.OK


def _told(post: Callable[[], str], *, required: bool) -> int:
    try:
        said = post()
    except CatalogSyncError as error:
        if required:
            raise
        click.echo(f"{click.style('Warning:', fg='yellow', bold=True)} not reported. {harmless(str(error))}", err=True)
        if error.hint:
            click.echo(f"  {harmless(error.hint)}", err=True)
        return ExitCode.OK
    if said:
        click.echo(said)
    return ExitCode.OK


def _read(text: Path) -> str:
    try:
        source: Any = sys.stdin.buffer.read() if text == STDIN else text.read_bytes()
    except OSError as error:
        raise CatalogSyncError(f"{text} cannot be read: {error.strerror}.") from error
    words = bytes(source).decode("utf-8", errors="replace").strip()
    if not words:
        raise CatalogSyncError(f"{'The standard input' if text == STDIN else text} has nothing in it to report.")
    return words
