"""Comments and issues: one each, kept up to date, and never the reason why a run fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from ci_github import parsed_outputs
from ci_site import BOT, MERGE, PERSON, PULL, READER, USERS, WRITER, Site
from hypothesis import given
from hypothesis import strategies as st

from catalogsync.cli.jobfiles import add_outputs, as_variables
from catalogsync.cli.main import outcome_of
from catalogsync.hosting.fitting import CUT, fitted


def told(arguments: list[str], variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> int:
    with monkeypatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        return outcome_of(["report", *arguments])


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "plan.md"
    path.write_text("### Plan: 2 to add\n", encoding="utf-8")
    return path


def bodies(site: Site, thread: int = PULL) -> list[str]:
    return [note["body"] for note in site.comments.get(thread, [])]


def test_a_comment_is_posted_once_and_then_replaced(
    site: Site, runner: dict[str, str], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(["comment", str(text)], runner, monkeypatch) == 0
    text.write_text("### Plan: 3 to add\n", encoding="utf-8")
    assert told(["comment", str(text)], runner, monkeypatch) == 0
    assert bodies(site) == ["<!-- catalogsync:plan -->\n### Plan: 3 to add"]


@pytest.mark.parametrize("before", [31, 250])
def test_a_comment_is_found_again_behind_many_others(
    before: int, site: Site, runner: dict[str, str], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = {"body": "Nice lamp", "user": USERS[PERSON], "author": {"id": 2}}
    site.comments[PULL] = [{**chat, "id": number} for number in range(before)]
    for _ in range(2):
        assert told(["comment", str(text)], runner, monkeypatch) == 0
    assert len(bodies(site)) == before + 1


def test_each_key_has_a_comment_of_its_own(
    site: Site, runner: dict[str, str], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("plan", "apply", "plan", "apply"):
        assert told(["comment", str(text), "--marker", key], runner, monkeypatch) == 0
    assert len(bodies(site)) == 2


def test_a_key_cannot_end_the_marker(
    site: Site, runner: dict[str, str], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(["comment", str(text), "--marker", "a --> <img>"], runner, monkeypatch) == 0
    assert bodies(site)[0].splitlines()[0] == "<!-- catalogsync:a-img- -->"


def test_somebody_elses_comment_with_the_marker_is_left_alone(
    site: Site, runner: dict[str, str], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = {"id": 1, "body": "<!-- catalogsync:plan -->\nAll fine", "user": USERS[PERSON], "author": {"id": 2}}
    site.comments[PULL] = [dict(forged)]
    assert told(["comment", str(text)], runner, monkeypatch) == 0
    assert site.comments[PULL][0] == forged
    assert len(bodies(site)) == 2


def test_with_a_persons_token_the_persons_comment_is_replaced_and_no_bots(
    site: Site, on_github: dict[str, str], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.comments[PULL] = [{"id": 1, "body": "<!-- catalogsync:plan -->\nof a bot", "user": BOT}]
    for _ in range(2):
        assert told(["comment", str(text)], on_github | {"GITHUB_TOKEN": PERSON}, monkeypatch) == 0
    assert [note["user"] for note in site.comments[PULL]] == [BOT, USERS[PERSON]]


def test_after_a_merge_the_comment_goes_to_the_merged_request(
    site: Site, runner: dict[str, str], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged = {"merged_at": "2026-01-01", "state": "merged", "merge_commit_sha": MERGE}
    site.pulls[MERGE] = [{"number": 9, "iid": 9, **merged}]
    outside = {**runner, "GITHUB_EVENT_PATH": "", "CI_MERGE_REQUEST_IID": ""}
    assert told(["comment", str(text)], outside, monkeypatch) == 0
    assert len(bodies(site, 9)) == 1


REFUSALS = {
    "a token that can only read": ({"GITHUB_TOKEN": READER, "CATALOGSYNC_GITLAB_TOKEN": READER}, "answered 403"),
    "a wrong token": ({"GITHUB_TOKEN": "nobody's", "CATALOGSYNC_GITLAB_TOKEN": "nobody's"}, "answered 401"),
    "no token": ({"GITHUB_TOKEN": "", "CATALOGSYNC_GITLAB_TOKEN": ""}, "TOKEN is not set"),
    "nobody there": ({"GITHUB_API_URL": "http://127.0.0.1:9", "CI_API_V4_URL": "http://127.0.0.1:9"}, "be reached"),
    "a push that merged nothing": ({"GITHUB_EVENT_PATH": "", "CI_MERGE_REQUEST_IID": ""}, "merged no"),
    "no address": ({"GITHUB_API_URL": "not an address", "CI_API_V4_URL": "not an address"}, "be reached"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_posted_is_a_warning(
    case: str,
    runner: dict[str, str],
    text: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    variables, words = REFUSALS[case]
    assert told(["comment", str(text)], runner | variables, monkeypatch) == 0
    said = capsys.readouterr().err
    assert said.startswith("Warning: not reported.")
    assert words in said
    assert READER not in said
    assert told(["comment", str(text), "--required"], runner | variables, monkeypatch) == 1


@pytest.mark.parametrize("status", [403, 500, 502])
def test_a_site_in_trouble_is_a_warning(
    status: int, site: Site, runner: dict[str, str], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.broken = status
    for arguments in (["comment", str(text)], ["issue", str(text)], ["issue", "--close"]):
        assert told(arguments, runner, monkeypatch) == 0


def test_an_answer_of_another_shape_is_a_warning(
    site: Site, runner: dict[str, str], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.garbled = True
    assert told(["comment", str(text)], runner, monkeypatch) == 0
    assert told(["reviewed-plan"], runner, monkeypatch) == 1


def test_nothing_to_say_is_a_warning_too(
    runner: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.md").touch()
    assert told(["comment", str(tmp_path / "empty.md")], runner, monkeypatch) == 0
    assert told(["comment", str(tmp_path / "none.md")], runner, monkeypatch) == 0
    said = capsys.readouterr().err
    assert "has nothing in it" in said
    assert "cannot be read" in said


def test_the_drift_issue_is_opened_once_updated_and_closed(
    site: Site, runner: dict[str, str], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in ("One product drifted.", "Two products drifted."):
        text.write_text(words, encoding="utf-8")
        assert told(["issue", str(text), "--title", "Drift"], runner, monkeypatch) == 0
    assert [(one["title"], one["body"].splitlines()[1]) for one in site.issues] == [("Drift", "Two products drifted.")]
    for _ in range(2):
        assert told(["issue", "--close"], runner, monkeypatch) == 0
    assert [one["state"] for one in site.issues] == ["closed"]
    assert told(["issue", str(text)], runner, monkeypatch) == 0
    assert [one["state"] for one in site.issues] == ["closed", "open"]


def a_merge(site: Site, *, fork: bool = False) -> None:
    project = {"source_project_id": 78 if fork else 77, "target_project_id": 77, "iid": PULL, "state": "merged"}
    repository = {"full_name": "somebody/catalog" if fork else "shop/catalog"}
    head = {"sha": "feed", "repo": repository}
    pull = {"number": PULL, "merged_at": "2026-01-01", "merge_commit_sha": MERGE, "head": head}
    site.pulls[MERGE] = [project | pull]
    site.runs = [{"id": 8, "head_sha": "feed"}, {"id": 7, "head_sha": "feed"}]


def test_the_reviewed_plan_of_a_merge_is_fetched_without_showing_the_token_to_the_storage(
    site: Site, runner: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_merge(site)
    site.upload(7, "catalogsync-plan", {"plan.json": b"the plan"})
    out = tmp_path / "plan.json"
    assert told(["reviewed-plan", "--out", str(out)], runner, monkeypatch) == 0
    assert out.read_bytes() == b"the plan"
    assert site.leaks == []


def test_a_plan_that_was_made_in_a_fork_is_not_fetched(
    site: Site,
    runner: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    a_merge(site, fork=True)
    site.upload(7, "catalogsync-plan", {"plan.json": b"forged"})
    assert told(["reviewed-plan", "--out", str(tmp_path / "plan.json")], runner, monkeypatch) == 1
    assert "came from a fork" in capsys.readouterr().err
    assert not (tmp_path / "plan.json").exists()


def test_a_merge_without_a_plan_says_so(
    site: Site, runner: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_merge(site)
    assert told(["reviewed-plan"], runner, monkeypatch) == 1
    assert "they have expired" in capsys.readouterr().err.replace("it has expired", "they have expired")


def test_a_text_that_fits_is_left_as_it_is() -> None:
    assert fitted("as it is\n", 9) == "as it is\n"


@pytest.mark.parametrize("opening", ["", "```diff\n", "<details>\n<summary>rows</summary>\n\n", "<details>\n````\n"])
@pytest.mark.parametrize("limit", [400, 1_000, 65_536])
def test_a_text_that_is_cut_is_short_enough_and_whole(opening: str, limit: int) -> None:
    text = opening + "".join(f"+ product.SKU-{number} will be created\n" for number in range(5_000))
    cut = fitted(text, limit)
    assert len(cut) <= limit
    assert cut.endswith(CUT)
    assert cut.count("<details>") == cut.count("</details>")
    assert cut.count("```") % 2 == 0
    assert cut.count("will be created") == cut.count("product.SKU-")


LINES = st.lists(st.sampled_from(["```", "~~~~~", "`````", "<details>", "</details>", "a line of a plan", ""]))


@given(lines=LINES, limit=st.integers(len(CUT) + 50, 600))
def test_no_text_is_too_long_after_it_was_cut(lines: list[str], limit: int) -> None:
    assert len(fitted("\n".join(lines * 40), limit)) <= limit


def test_no_value_can_become_another_output(tmp_path: Path) -> None:
    file = tmp_path / "output"
    values = {"plan-file": "plan.json\nadds=9\nEOF", "adds": "2"}
    assert add_outputs({"GITHUB_OUTPUT": str(file)}, values)
    assert parsed_outputs(file.read_text(encoding="utf-8")) == values
    assert not add_outputs({}, values)
    assert as_variables({"adds": "2", "plan-file": "p"}) == "PLAN_ADDS=2\nPLAN_FILE=p"


def test_what_the_runner_has_no_file_for_is_printed(
    text: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert told(["summary", str(text)], {}, monkeypatch) == 0
    assert capsys.readouterr().out == "### Plan: 2 to add\n"
    summary = text.with_name("summary")
    assert told(["summary", str(text)], {"GITHUB_STEP_SUMMARY": str(summary)}, monkeypatch) == 0
    assert summary.read_text(encoding="utf-8") == "### Plan: 2 to add\n"
    nowhere = {"GITHUB_STEP_SUMMARY": str(text / "below a file")}
    assert told(["summary", str(text)], nowhere, monkeypatch) == 0
    assert "cannot be written" in capsys.readouterr().err


def test_outputs_of_what_is_no_plan_are_a_warning(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(["outputs", str(text)], {}, monkeypatch) == 0
    assert told(["outputs", str(text), "--required"], {}, monkeypatch) == 1


def test_a_host_does_not_show_its_token(site: Site, on_github: dict[str, str]) -> None:
    from catalogsync.hosting import host_of

    assert WRITER not in repr(host_of(on_github))
