"""The entry point: commands loaded only when used, errors in words, the documented exit codes."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

import click

from catalogsync import __version__
from catalogsync.cli import telemetry
from catalogsync.cli.audience import Audience
from catalogsync.cli.complaints import tell, with_what_is_meant
from catalogsync.cli.streams import protect_streams
from catalogsync.errors import CatalogSyncError, ExitCode, UsageMistakeError
from catalogsync.model.spelling import closest

# New values between two looks of the garbage collector, instead of 700: importing makes 100,000 values that all stay.
_BETWEEN_COLLECTIONS = 50_000

# name -> (module under catalogsync.cli.commands, help). The help stands here so that `--help` imports no command.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Write a first catalog.yaml to start from, and a pipeline."),
    "validate": ("validate", "Check the manifest and its files; no call is made."),
    "fmt": ("fmt", "Bring the manifest's files into one form."),
    "import": ("import_", "Write a manifest of what is on the remote."),
    "schema": ("schema", "Print the JSON Schema of the manifest, or of what is printed."),
    "plan": ("plan", "Show what apply would do, and what it costs."),
    "show": ("show", "Show a saved plan; no call is made."),
    "apply": ("apply", "Make the remote catalog match the manifest."),
    "destroy": ("destroy", "Delete every product that is managed, or a selection of them."),
    "report": ("report", "Tell a pull request, a job summary or an issue how a run went."),
    "wait": ("wait", "Wait for content and renders that still run."),
    "status": ("status", "Show how far the content of each product is."),
    "outputs": ("outputs", "Show the URLs of viewers and images."),
    "drift": ("drift", "Show what changed on the remote since the last run."),
    "graph": ("graph", "Print the plan's dependency graph as DOT."),
    "state": ("state", "Look at what is remembered between runs, and care for it."),
    "spend": ("spend", "Show what runs were charged beside what was predicted."),
    "whoami": ("whoami", "Show which keys are in use and the credits left."),
    "feed": ("feed", "Print the account-wide image list as JSON Lines."),
    "sandbox": ("sandbox", "Run the local server that plays the API."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"catalogsync.cli.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            close = " or ".join(map(repr, closest(name, COMMANDS)))
            ctx.fail(f"No such command {name!r}." + (f" Did you mean {close}?" if close else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--sandbox",
    is_flag=True,
    envvar="CATALOGSYNC_SANDBOX",
    help="Use the embedded sandbox instead of the real API: no account, no credits.",
)
@click.option("--chdir", type=click.Path(exists=True, file_okay=False), help="Change to this folder first.")
@click.option("--no-color", is_flag=True, help="No colours (also: NO_COLOR=1).")
@click.version_option(__version__, message="catalogsync %(version)s")
@click.pass_context
def main(ctx: click.Context, sandbox: bool, chdir: str | None, no_color: bool) -> None:
    """Declarative catalog sync for 3D product content.

    A YAML manifest says which products, model files and outputs you want on Imagine.io. `plan` shows what differs
    and what it costs, `apply` makes it so, and a second `apply` finds nothing to do.
    """
    if chdir:
        os.chdir(chdir)
    audience = ctx.obj if isinstance(ctx.obj, Audience) else Audience()
    audience.command = ctx.invoked_subcommand or ""
    ctx.obj = {"sandbox": sandbox, "audience": audience}
    if telemetry.asked(os.environ):
        telemetry.join(audience, os.environ)
    if no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        ctx.color = audience.color = False


def run() -> NoReturn:
    """Run the command line and leave with its exit code. Click's own 2 for usage errors becomes 1: 2 is "changes"."""
    protect_streams()
    signal.signal(signal.SIGTERM, _interrupted)
    gc.set_threshold(_BETWEEN_COLLECTIONS)
    code = outcome_of(sys.argv[1:])
    gc.freeze()  # all that must be closed is closed: taking each value apart would take longer than `--help`
    sys.exit(code)


def _interrupted(_number: int, _frame: FrameType | None) -> NoReturn:
    """A SIGTERM is an interrupt: whoever listens is told, and the state is given free."""
    raise KeyboardInterrupt


def outcome_of(arguments: list[str]) -> int:
    """Run a command, say every error in words and to all who listen, and return the exit code."""
    with Audience() as audience:
        code, error = _outcome(arguments, audience)
        unsaid = audience.end(code, error)
    for failure in unsaid:
        _complain(failure, audience)
    return ExitCode.ERROR if unsaid and code == ExitCode.OK else code


def _complain(error: CatalogSyncError, audience: Audience) -> None:
    """In a context, for that is where click looks whether colours are wanted."""
    with click.Context(main) as ctx:
        ctx.color = audience.color
        tell(error)


def _outcome(arguments: list[str], audience: Audience) -> tuple[int, CatalogSyncError | None]:
    try:
        result: Any = main.main(args=arguments, prog_name="catalogsync", standalone_mode=False, obj=audience)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code, None
    except click.ClickException as mistake:
        meant = with_what_is_meant(mistake, arguments)
        meant.show()
        return ExitCode.ERROR, UsageMistakeError(meant.format_message())
    except CatalogSyncError as error:
        _complain(error, audience)
        return error.exit_code, error
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return ExitCode.INTERRUPTED, CatalogSyncError("Interrupted.")
    return (result if isinstance(result, int) else ExitCode.OK), None
