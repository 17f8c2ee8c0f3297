"""Guards: which plans they object to, and what overrides them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from plan_shapes import (
    adopt,
    await_content,
    catalog_of,
    conflict,
    create,
    delete,
    forget,
    generate,
    plan_of,
    replacement,
    update,
)

from catalogsync.model.catalog import Limit
from catalogsync.plan.changes import Change, Plan
from catalogsync.plan.guards import GUARDS, NEVER_OVERRIDDEN, GuardOptions, objections

WANTED = ("W",)


@dataclass(frozen=True)
class Case:
    """A plan's shape, the options in force, and the guards that are expected to object, once for each objection."""

    rule: str
    changes: list[Change]
    expect: list[str]
    managed: int = 0
    options: GuardOptions = GuardOptions()
    wanted: tuple[str, ...] = WANTED
    expected_credits: int | None = None
    scope: tuple[str, str] = ("", "")
    overrides: list[str] = field(default_factory=list)  # texts the objections' ways out must hold


def deletes(number: int) -> list[Change]:
    return [delete(f"D{index}") for index in range(number)]


def replaces(number: int) -> list[Change]:
    return [replacement(f"R{index}") for index in range(number)]


CASES = [
    Case("an empty plan", [], []),
    Case(
        "harmless changes", [create("A"), generate("A"), update("B", "name:x>y"), forget("C"), await_content("D")], []
    ),
    Case("nine of nine managed: a percentage of so few says nothing", deletes(9), [], managed=9),
    Case("one of ten is ten percent", deletes(1), [], managed=10),
    Case("two of ten are too many", deletes(2), ["max-deletes"], managed=10, overrides=["--max-deletes=2"]),
    Case("one of fifteen is under ten percent, which is 1.5", deletes(1), [], managed=15),
    Case("two of fifteen are over it", deletes(2), ["max-deletes"], managed=15),
    Case("a higher percentage", deletes(5), [], managed=10, options=GuardOptions(max_deletes=Limit(50, percent=True))),
    Case(
        "one more than that",
        deletes(6),
        ["max-deletes"],
        managed=10,
        options=GuardOptions(max_deletes=Limit(50, percent=True)),
    ),
    Case("a number holds however few are managed", deletes(1), ["max-deletes"], 1, GuardOptions(max_deletes=Limit(0))),
    Case("a number that is reached", deletes(3), [], 100, GuardOptions(max_deletes=Limit(3))),
    Case("a number that is passed", deletes(4), ["max-deletes"], 1000, GuardOptions(max_deletes=Limit(3))),
    Case("forgetting is no deleting", [forget(f"F{index}") for index in range(20)], [], managed=20),
    Case("no limit on credits", [create("A")], [], expected_credits=10**6),
    Case("credits at the limit", [create("A")], [], options=GuardOptions(max_credits=5), expected_credits=5),
    Case(
        "credits over the limit",
        [create("A")],
        ["max-credits"],
        options=GuardOptions(max_credits=5),
        expected_credits=6,
        overrides=["--max-credits=6"],
    ),
    Case("a limit of no credits", [create("A")], ["max-credits"], 0, GuardOptions(max_credits=0), expected_credits=1),
    Case("nothing to pay at a limit of none", [forget("A")], [], 1, GuardOptions(max_credits=0)),
    Case(
        "an empty catalog that deletes",
        deletes(1),
        ["empty-catalog"],
        1,
        wanted=(),
        overrides=["--allow=empty-catalog"],
    ),
    Case("an empty catalog that deletes nothing", [forget("A")], [], 1, wanted=()),
    Case("a protected product", [delete("A", protected=True)], ["protected"], 1, overrides=["--allow=protected"]),
    Case(
        "each protected product is named",
        [delete("A", protected=True), delete("B"), delete("C", protected=True)],
        ["protected", "protected"],
        3,
    ),
    Case("a quarter replaced is allowed", replaces(3), [], managed=12),
    Case("more than a quarter is not", replaces(4), ["max-replaces"], managed=12, overrides=["--max-replaces=4"]),
    Case("few replaced of few", replaces(4), [], managed=5),
    Case("a number of replacements", replaces(2), ["max-replaces"], 5, GuardOptions(max_replaces=Limit(1))),
    Case("a protected product is not replaced either", [replace(replacement("P"), protected=True)], ["protected"]),
    Case(
        "what a replacement left over counts for nothing",
        [replace(delete("A"), address="retired.A"), replace(delete("B"), address="replacement.B")],
        [],
        managed=10,
    ),
    Case("an adoption is trusted", [adopt("A")], []),
    Case(
        "an adoption where it is refused",
        [adopt("A"), adopt("B")],
        ["unmanaged-takeover", "unmanaged-takeover"],
        options=GuardOptions(adopt="refuse"),
        overrides=["--adopt=trust"],
    ),
    Case("a state of another catalog", [create("A")], ["state-scope"], scope=("other", "https://api.example")),
    Case("a state of another account", [create("A")], ["state-scope"], scope=("shop", "https://other.example")),
    Case("a state of both", [create("A")], ["state-scope", "state-scope"], scope=("x", "https://other.example")),
    Case("a server on this machine changes its port", [create("A")], [], scope=("shop", "http://127.0.0.1:1")),
    Case("a state that is its own", [create("A")], [], scope=("shop", "https://api.example")),
    Case("a conflict", [conflict("A"), create("B")], ["conflict"], overrides=["change the gtin; or leave it out"]),
    Case(
        "all objections come at once",
        [*deletes(2), delete("P", protected=True), conflict("C"), adopt("A")],
        ["max-deletes", "max-credits", "empty-catalog", "protected", "unmanaged-takeover", "conflict"],
        managed=10,
        options=GuardOptions(max_credits=1, adopt="refuse"),
        wanted=(),
        expected_credits=2,
    ),
]


def made_for(case: Case) -> Plan:
    plan = plan_of(case.changes, managed=case.managed, expected=case.expected_credits)
    return replace(plan, made_from=replace(plan.made_from, state_catalog=case.scope[0], state_api_url=case.scope[1]))


def objected(case: Case, options: GuardOptions | None = None) -> list[str]:
    plan = made_for(case)
    return [objection.guard for objection in objections(plan, catalog_of(*case.wanted), options or case.options)]


@pytest.mark.parametrize("case", CASES, ids=[case.rule for case in CASES])
def test_guards_on(case: Case) -> None:
    assert sorted(objected(case)) == sorted(case.expect)


@pytest.mark.parametrize("case", [case for case in CASES if case.overrides], ids=lambda case: case.rule)
def test_an_objection_names_its_way_out(case: Case) -> None:
    plan = made_for(case)
    ways = " ".join(objection.override for objection in objections(plan, catalog_of(*case.wanted), case.options))
    for text in case.overrides:
        assert text in ways


@pytest.mark.parametrize("case", [case for case in CASES if case.expect], ids=lambda case: case.rule)
def test_an_allowed_guard_is_silent_and_the_others_are_not(case: Case) -> None:
    for guard in set(case.expect) - NEVER_OVERRIDDEN:
        options = GuardOptions(
            max_deletes=case.options.max_deletes,
            max_replaces=case.options.max_replaces,
            max_credits=case.options.max_credits,
            adopt=case.options.adopt,
            allowed=frozenset({guard}),
        )
        assert sorted(objected(case, options)) == sorted(name for name in case.expect if name != guard)


@pytest.mark.parametrize("guard", sorted(NEVER_OVERRIDDEN))
def test_what_can_never_be_overridden_objects_all_the_same(guard: str) -> None:
    case = next(case for case in CASES if case.expect == [guard])
    assert objected(case, GuardOptions(allowed=frozenset(GUARDS))) == [guard]


def test_the_ways_out_of_limits_suffice() -> None:
    assert objected(Case("", deletes(5), [], 10), GuardOptions(max_deletes=Limit(5))) == []
    assert objected(Case("", [create("A")], [], expected_credits=9), GuardOptions(max_credits=9)) == []


def test_every_guard_has_a_case_and_objects_under_its_own_id() -> None:
    assert {guard for case in CASES for guard in case.expect} == set(GUARDS)
    assert set(GUARDS) >= NEVER_OVERRIDDEN


def test_a_limit_is_told_as_it_is_written() -> None:
    plan = plan_of(deletes(3), managed=12)
    (objection,) = objections(plan, catalog_of(*WANTED), GuardOptions(max_deletes=Limit(12.5, percent=True)))
    assert objection.message == "3 of 12 managed products would be destroyed, the limit is 12.5%"
