"""Options: how values are written, what every option has, and which source of a value wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
import pytest
from click.testing import CliRunner

from catalogsync.cli import wiring
from catalogsync.cli.main import COMMANDS, main
from catalogsync.cli.options import (
    DurationType,
    LimitType,
    cutoff_option,
    option,
    plan_options,
    remote_options,
    together,
    wait_options,
)
from catalogsync.errors import Place, UsageMistakeError
from catalogsync.model.catalog import Catalog, Limit, Product, Settings

DURATIONS = {"90": 90, "90s": 90, "1.5m": 90, "15m": 900, "2h": 7200, " 3M ": 180, "0": 0, "0.25": 0.25}
LIMITS = {"0": Limit(0), "25": Limit(25), "10%": Limit(10, percent=True), "2.5%": Limit(2.5, percent=True)}


@pytest.mark.parametrize(("text", "seconds"), DURATIONS.items())
def test_a_duration_is_seconds_or_has_a_unit(text: str, seconds: float) -> None:
    assert DurationType().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "-1m", "nan", "inf", "1d", "1 2", "m"])
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(click.BadParameter, match="write 90, 90s, 15m or 2h"):
        DurationType().convert(text, None, None)


@pytest.mark.parametrize(("text", "limit"), LIMITS.items())
def test_a_limit_is_a_number_or_a_percentage(text: str, limit: Limit) -> None:
    assert LimitType().convert(text, None, None) == limit
    assert str(limit) == text


@pytest.mark.parametrize("text", ["", "-1", "-1%", "1.5", "ten", "%", "1%%", "nan%"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        LimitType().convert(text, None, None)


def every_option() -> Iterator[tuple[str, click.Option]]:
    """Each option of each command, with the command's name."""
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        yield from options_of(name, command)


def options_of(name: str, command: click.Command) -> Iterator[tuple[str, click.Option]]:
    if isinstance(command, click.Group):
        for inner, found in command.commands.items():
            yield from options_of(f"{name} {inner}", found)
    yield from ((name, found) for found in command.params if isinstance(found, click.Option))


def test_every_option_says_what_it_does() -> None:
    assert [(name, found.opts) for name, found in every_option() if not found.help] == []


def test_an_environment_variable_follows_from_the_options_name() -> None:
    for _, found in every_option():
        if found.envvar is not None:
            assert found.envvar == "CATALOGSYNC_" + found.opts[0].removeprefix("--").replace("-", "_").upper()


def test_no_option_takes_a_key() -> None:
    """They would be seen in the list of processes and in the shell's history."""
    words = {"key", "token", "secret", "password"}
    assert [found.opts for _, found in every_option() if words & set(found.opts[0].strip("-").split("-"))] == []


@click.command()
@remote_options
@plan_options
@wait_options
@cutoff_option
@together(option("--upload-parallelism", type=int), option("--settle-time", type=DurationType()))
@option("--fail-fast", is_flag=True)
@click.pass_context
def collecting(ctx: click.Context, /, **options: Any) -> None:
    """Has the options of `apply`, and keeps what it was given."""
    ctx.find_root().obj = options


def given(arguments: list[str], environment: Mapping[str, str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}

    @click.pass_context
    def keep(ctx: click.Context, /, **options: Any) -> None:
        kept.update(options)

    command = click.Command("x", params=collecting.params, callback=keep)
    ran = CliRunner().invoke(command, arguments, env=dict(environment), catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return kept


PLACES = {sandbox: wiring.Where((), wiring.DEFAULT_FILE.parent, sandbox) for sandbox in (False, True)}
SETTINGS = Settings(
    max_deletes=Limit(3),
    max_replaces=Limit(4),
    max_credits=5,
    poll_initial=6.0,
    poll_interval=7.0,
    wait_timeout=8.0,
    parallelism=9,
    upload_parallelism=10,
)


def catalog_with(settings: Settings) -> Catalog:
    lamp = Product("LAMP", "LAMP", None, None, None, None, None, (), (), protect=False, place=Place("catalog.yaml"))
    return Catalog("shop", "", (lamp,), (), settings=settings)


def chosen(
    arguments: list[str], environment: Mapping[str, str], settings: Settings, *, sandbox: bool
) -> dict[str, Any]:
    """What the workflow is told, by the option's name."""
    options, place = given(arguments, environment), PLACES[sandbox]
    timing = wiring.timing_of(place, options, settings)
    planning = wiring.plan_options_of(options, catalog_with(settings), timing)
    applying = wiring.apply_options_of(place, options, settings, timing)
    api = wiring.configured(options, settings)
    assert (api.connections, api.upload_connections) == (applying.limits.api, applying.limits.upload)
    assert planning.workers == applying.limits.api
    return {
        "--max-deletes": planning.guards.max_deletes,
        "--max-replaces": planning.guards.max_replaces,
        "--max-credits": planning.guards.max_credits,
        "--poll-initial": timing.initial,
        "--poll-interval": timing.interval,
        "--wait-timeout": timing.timeout,
        "--parallelism": applying.limits.api,
        "--upload-parallelism": applying.limits.upload,
    }


# option -> (the value given, what it means, what the settings above mean, the default, the sandbox's default)
SOURCES: dict[str, tuple[str, Any, Any, Any, Any]] = {
    "--max-deletes": ("0", Limit(0), Limit(3), None, None),
    "--max-replaces": ("50%", Limit(50, percent=True), Limit(4), None, None),
    "--max-credits": ("0", 0, 5, None, None),
    "--poll-initial": ("0", 0.0, 6.0, 180.0, 3.0),
    "--poll-interval": ("2s", 2.0, 7.0, 150.0, 10.0),
    "--wait-timeout": ("0", 0.0, 8.0, 3600.0, 600.0),
    "--parallelism": ("2", 2, 9, 8, 8),
    "--upload-parallelism": ("1", 1, 10, 4, 4),
}


@pytest.mark.parametrize("name", SOURCES)
def test_an_option_wins_over_the_environment_that_over_settings_and_those_over_the_default(name: str) -> None:
    text, meaning, in_settings, default, sandbox_default = SOURCES[name]
    variable = "CATALOGSYNC_" + name.strip("-").replace("-", "_").upper()
    arguments, environment, other = [name, text], {variable: text}, {variable: "77"}
    assert chosen(arguments, other, SETTINGS, sandbox=False)[name] == meaning
    assert chosen([], environment, SETTINGS, sandbox=False)[name] == meaning
    assert chosen([], {variable: ""}, SETTINGS, sandbox=False)[name] == in_settings, "an empty variable is none"
    assert chosen([], {}, SETTINGS, sandbox=False)[name] == in_settings
    assert chosen([], {}, Settings(), sandbox=False)[name] == default
    assert chosen([], {}, Settings(), sandbox=True)[name] == sandbox_default


def test_keys_and_hosts_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "PUBLIC_KEY", "ZAPIER_TOKEN", "ZAPIER_URL"):
        monkeypatch.setenv(f"CATALOGSYNC_{name}", f"the {name}")
    api = wiring.configured({"api_url": "http://api", "origin": "shop.example"})
    assert (api.secret_key, api.public_key, api.zapier_token) == (
        "the SECRET_KEY",
        "the PUBLIC_KEY",
        "the ZAPIER_TOKEN",
    )
    assert (api.url, api.origin, api.zapier_url) == ("http://api", "shop.example", "the ZAPIER_URL")
    assert not any("the SECRET_KEY" in text for text in (repr(api), str(api)))


@pytest.mark.parametrize("address", ["LAMP", "product.LAMB", "content.LAMP"])
def test_replacing_a_product_that_the_manifest_does_not_have_is_refused_with_those_meant(address: str) -> None:
    options = given(["--replace", address], {})
    with pytest.raises(UsageMistakeError, match=f"--replace={address}: the manifest has no product") as caught:
        wiring.plan_options_of(options, catalog_with(Settings()), wiring.WAITING)
    assert caught.value.hint == "Did you mean product.LAMP?"


@pytest.mark.parametrize("guard", ["conflict", "nonsense"])
def test_a_guard_that_cannot_be_overridden_is_refused_with_those_that_can(guard: str) -> None:
    options = given(["--allow", guard], {})
    with pytest.raises(UsageMistakeError, match=guard) as caught:
        wiring.plan_options_of(options, catalog_with(Settings()), wiring.WAITING)
    assert "protected" in caught.value.hint
    assert "conflict" not in caught.value.hint


ALLOWED = ("--max-credits", "5", "--allow", "max-credits")


@pytest.mark.parametrize(("limit", "word"), [((), "there is none"), (ALLOWED, "takes it")])
def test_a_cutoff_at_no_limit_is_refused_with_the_ways_to_set_one(limit: tuple[str, ...], word: str) -> None:
    with pytest.raises(UsageMistakeError, match=word) as caught:
        chosen(["--cutoff", "soft", *limit], {}, Settings(), sandbox=False)
    assert "--max-credits N" in caught.value.hint


def test_a_cutoff_holds_to_the_limit_of_the_settings() -> None:
    assert chosen(["--cutoff", "soft"], {}, SETTINGS, sandbox=False)["--max-credits"] is None, "no guard refuses"


@pytest.mark.parametrize("text", ["quick", "-1", "nan", "inf"])
def test_a_job_time_that_is_no_number_of_seconds_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGSYNC_SANDBOX_JOB_SECONDS", text)
    with pytest.raises(UsageMistakeError, match=f"CATALOGSYNC_SANDBOX_JOB_SECONDS is '{text}'"):
        wiring.timing_of(PLACES[True], given([], {}), Settings())


def test_the_state_is_beside_the_manifest_and_the_sandbox_has_its_own() -> None:
    real, sandbox = PLACES[False], PLACES[True]
    assert real.state_path(None) == wiring.Path(".catalogsync/state.db")
    assert sandbox.state_path(None) == wiring.Path(".catalogsync/sandbox/state.db")
    assert sandbox.state_path(wiring.Path("mine.db")) == wiring.Path("mine.db")


def test_a_wait_that_ends_before_the_first_look_has_one_look() -> None:
    timing = wiring.WaitTiming(initial=10, interval=5, timeout=3)
    assert wiring.polls_of(timing).maximum == 1
    assert wiring.polls_of(wiring.WaitTiming(initial=10, interval=5, timeout=30)).maximum == 5
