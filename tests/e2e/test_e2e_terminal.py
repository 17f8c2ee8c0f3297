"""On a terminal: colours, live bars, and the question that only 'yes' answers."""

from __future__ import annotations

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop
from e2e_terminal import terminal

QUESTION = "Enter a value: "
GREEN = "\x1b[32m"
LIVE = "\x1b[?25l"  # rich hides the cursor while bars are live


def test_yes_applies(command: Command, remote: Remote) -> None:
    with terminal(command, "apply") as screen:
        screen.read_until(QUESTION)
        assert "Only 'yes' will be accepted to approve." in screen.seen
        assert remote.writes() == []
        screen.type("yes\n")
        assert screen.end() == 0
    assert "Apply complete! Resources: 7 added" in screen.seen
    assert GREEN in screen.seen
    assert LIVE in screen.seen


@pytest.mark.parametrize("answer", ["no", "y", "YES", ""])
def test_anything_but_yes_cancels(answer: str, command: Command, remote: Remote) -> None:
    with terminal(command, "apply") as screen:
        screen.read_until(QUESTION)
        screen.type(f"{answer}\n")
        assert screen.end() == 1
    assert "Apply cancelled." in screen.seen
    assert remote.writes() == []


def test_ctrl_c_at_the_question_is_an_interrupt(command: Command, remote: Remote) -> None:
    with terminal(command, "apply") as screen:
        screen.read_until(QUESTION)
        screen.until_it_reads()
        screen.process.send_signal(2)
        assert screen.end() == 130
    assert remote.writes() == []


def test_without_a_terminal_nobody_can_approve(command: Command, remote: Remote) -> None:
    ran = command("apply", code=1)
    assert "Nobody can approve" in ran.err
    assert "Add --auto-approve" in ran.err
    assert remote.writes() == []
    assert "\nPlan: 7 to add, 0 to change, 0 to destroy.\n" in ran.out, "the plan is shown all the same"


@pytest.mark.parametrize(
    ("arguments", "env"),
    [((), {"NO_COLOR": "1"}), (("--no-color",), {}), ((), {"TERM": "dumb"})],
    ids=["NO_COLOR", "--no-color", "dumb"],
)
def test_colours_can_be_switched_off(arguments: tuple[str, ...], env: dict[str, str], command: Command) -> None:
    for more, code, said in (((), 0, "Plan: 7 to add"), (("--allow=nonsense",), 1, "Error: --allow=nonsense")):
        with terminal(command, *arguments, "plan", *more, **env) as screen:
            assert screen.end() == code
        assert said in screen.seen
        assert "\x1b" not in screen.seen


def test_a_plan_is_coloured_on_a_terminal(command: Command) -> None:
    with terminal(command, "plan") as screen:
        assert screen.end() == 0
    assert f"{GREEN}+\x1b[0m product.LAMP" in screen.seen


def test_in_ci_there_are_lines_and_no_live_bars(command: Command) -> None:
    with terminal(command, "apply", "--auto-approve", CI="true") as screen:
        assert screen.end() == 0
    assert "product.LAMP: Creating...\r\n" in screen.seen
    assert LIVE not in screen.seen


def test_on_a_dumb_terminal_there_are_lines_without_colours(command: Command) -> None:
    with terminal(command, "apply", "--auto-approve", TERM="dumb") as screen:
        assert screen.end() == 0
    assert "product.LAMP: Creating...\r\n" in screen.seen
    assert "\x1b" not in screen.seen


def test_an_error_is_red_on_a_terminal(command: Command, shop: Shop) -> None:
    (shop.folder / "models" / "lamp.glb").unlink()
    with terminal(command, "plan") as screen:
        assert screen.end() == 1
    assert "\x1b[31m\x1b[1mError:\x1b[0m The manifest has 1 error." in screen.seen
