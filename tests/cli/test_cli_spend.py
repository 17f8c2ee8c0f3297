"""`spend`: predicted beside charged, and what the balance shows beyond that."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from catalogsync.cli.commands.spend import command
from catalogsync.cli.render.spend import spend_document, spend_text
from catalogsync.errors import UsageMistakeError
from catalogsync.model.spend import READING, Charge, NoteCharges, Predict
from catalogsync.model.state import RunEnded, RunStarted
from catalogsync.state import ChargeRow, RunRow, StateStore
from catalogsync.workflow.spending import By, Gap, gaps_of, run_named, since, spend_of

FIRST = RunRow("aaaaaaaa1", "apply", "2026-03-01T08:00:00.000+00:00", "later", "some_changes_failed", 5, 100, 95)
KILLED = RunRow("bbbbbbbb2", "apply", "2026-03-02T08:00:00.000+00:00", "", "", 3, 95, 92)
LAST = RunRow("cccccccc3", "wait", "2026-03-03T08:00:00.000+00:00", "later", "ok", 1, 90, 89)
RUNS = [FIRST, KILLED, LAST]
CHARGES = [
    ChargeRow("aaaaaaaa1", "product.A", "create the product", 1, 1),
    ChargeRow("aaaaaaaa1", READING, "read the list of products", 4, 4),
    ChargeRow("bbbbbbbb2", "product.A", "update the product", 1, 2),
    ChargeRow("bbbbbbbb2", "product.B", "update the product", 1, 1),
    ChargeRow("cccccccc3", READING, "read the list of products", 1, 1),
]


def told(spend) -> list[str]:
    return [click.unstyle(line) for line in spend_text(spend)]


def test_runs_are_told_the_newest_first_with_their_outcome_and_the_sum():
    assert told(spend_of(RUNS, CHARGES, By.RUN)) == [
        "RUN       WHEN              COMMAND  OUTCOME              PREDICTED  CHARGED",
        "cccccccc  2026-03-03 08:00  wait     ok                           1        1",
        "bbbbbbbb  2026-03-02 08:00  apply    without an end               2        3",
        "aaaaaaaa  2026-03-01 08:00  apply    some changes failed          5        5",
        "Total of 3 runs: 8 predicted, 9 credits charged.",
    ]


def test_resources_are_added_up_over_the_runs_the_dearest_first():
    assert told(spend_of(RUNS, CHARGES, By.RESOURCE)) == [
        "RESOURCE   PREDICTED  CHARGED",
        "reading            5        5",
        "product.A          2        3",
        "product.B          1        1",
        "Total of 3 runs: 8 predicted, 9 credits charged.",
    ]


def test_operations_of_one_run_leave_the_others_out():
    spend = spend_of([KILLED], CHARGES, By.OPERATION)
    assert [(line.name, line.predicted, line.charged) for line in spend.lines] == [("update the product", 2, 3)]


def test_what_left_the_account_in_no_run_is_said_and_a_run_without_an_end_may_have_had_it():
    gaps = gaps_of(RUNS)
    assert gaps == (Gap(KILLED, 2, during=False),)
    assert told(spend_of(RUNS, CHARGES, By.RUN, gaps))[-1] == (
        "Note: 2 credits left the account after run bbbbbbbb in no run: calls that were cut off with it, plans, "
        "other reading commands and other users of the account."
    )


@pytest.mark.parametrize(
    ("before", "after", "spent", "during"), [(100, 90, 10, None), (100, 89, 10, 1), (100, 190, 10, None)]
)
def test_a_run_whose_balance_fell_by_more_than_it_was_charged_had_company(before, after, spent, during):
    run = RunRow("r", "apply", "2026-03-01T08:00:00+00:00", "later", "ok", spent, before, after)
    assert [gap.credits for gap in gaps_of([run])] == ([] if during is None else [during])


def test_a_run_of_before_there_was_a_ledger_has_no_prediction():
    old = RunRow("old", "apply", "2026-03-01T08:00:00+00:00", "later", "ok", 7)
    spend = spend_of([old], [], By.RUN)
    assert told(spend)[1].split()[-2:] == ["-", "7"]
    assert spend_document(spend)["rows"] == [{"name": "old", "predicted": None, "charged": 7}]


@pytest.mark.parametrize(
    ("date", "runs"),
    [("2026-03-02", [KILLED, LAST]), ("2026-03-02T09:00", [LAST]), ("2026-03-02T10:00+02:00", [KILLED, LAST])],
)
def test_since_takes_a_date_or_a_time(date, runs):
    assert since(RUNS, date) == runs


def test_what_is_no_date_and_no_run_is_said():
    with pytest.raises(UsageMistakeError, match="no date"):
        since(RUNS, "yesterday")
    with pytest.raises(UsageMistakeError, match="no such run"):
        run_named(RUNS, "zz")
    with pytest.raises(UsageMistakeError, match="2 runs begin so"):
        run_named([FIRST, FIRST], "aa")
    assert run_named(RUNS, "bb") is KILLED


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "state.db"
    with StateStore.open(path) as store:
        store.commit_now(
            RunStarted("abc1", "apply", "2026-03-01T08:00:00+00:00"),
            Predict("abc1", (Charge("product.A", "create the product", 1),)),
            NoteCharges("abc1", (Charge("product.A", "create the product", 1),), 9),
            RunEnded("abc1", "ok", 1, "2026-03-01T08:01:00+00:00"),
        )
    return path


@pytest.mark.parametrize(
    ("options", "by", "names"),
    [
        ([], "run", ["abc1"]),
        (["--run", "abc"], "resource", ["product.A"]),
        (["--run", "abc", "--by", "operation"], "operation", ["create the product"]),
        (["--since", "2026-03-02"], "run", []),
    ],
)
def test_the_command_answers_each_question_as_json(state, options, by, names):
    result = CliRunner().invoke(
        command, ["--state", str(state), "--json", *options], obj={"sandbox": False}, standalone_mode=False
    )
    document = json.loads(result.output)
    assert (document["by"], [row["name"] for row in document["rows"]]) == (by, names)


def test_the_command_says_so_when_nothing_was_charged(state):
    arguments = ["--state", str(state), "--since", "2030-01-01"]
    result = CliRunner().invoke(command, arguments, obj={"sandbox": False}, standalone_mode=False)
    assert result.output == "No run was charged anything.\n"
