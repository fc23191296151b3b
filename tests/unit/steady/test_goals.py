"""A log says what is left to run, for this state of the tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.steady.goals import Goal, Settings, WrongSettingError, choose_next, count_done
from tests.tools.steady.runs import Load, Run, RunLog, Tree

TREE = Tree("b582040")
IDLE, BUSY = Load(), Load(busy=2)
DEMO = Goal("demo", BUSY, 3)
IDLE_DEMO = Goal("demo", IDLE, 3)


def a_run(goal: Goal = DEMO, *, tree: Tree = TREE, failed: tuple[str, ...] = (), cut: bool = False) -> Run:
    return Run(tree, goal.what, goal.load, "2026-11-30T20:00:00+00:00", 98.5, failed, cut)


def test_all_runs_are_left_to_do_without_a_log() -> None:
    assert choose_next([DEMO], TREE, []) == DEMO


def test_a_call_goes_on_where_the_last_one_ended() -> None:
    runs = [a_run(), a_run(failed=("paid",))]

    assert count_done(DEMO, TREE, runs) == 2
    assert choose_next([DEMO], TREE, runs) == DEMO
    assert choose_next([DEMO], TREE, [*runs, a_run()]) is None


def test_a_run_that_was_cut_is_run_again() -> None:
    assert count_done(DEMO, TREE, [a_run(cut=True)]) == 0


@pytest.mark.parametrize("tree", [Tree("another"), Tree("b582040", "3f2a1c")])
def test_runs_of_another_commit_or_of_other_changes_do_not_count(tree: Tree) -> None:
    assert count_done(DEMO, TREE, [a_run(tree=tree)]) == 0


def test_runs_beside_another_load_do_not_count() -> None:
    assert count_done(DEMO, TREE, [a_run(IDLE_DEMO)]) == 0


def test_the_goal_of_which_least_is_done_comes_next() -> None:
    assert choose_next([IDLE_DEMO, DEMO], TREE, [a_run(IDLE_DEMO)]) == DEMO
    assert choose_next([IDLE_DEMO, DEMO], TREE, [a_run(IDLE_DEMO), a_run(DEMO)]) == IDLE_DEMO


def test_a_goal_of_no_runs_is_reached() -> None:
    assert choose_next([Goal("demo", BUSY, 0)], TREE, []) is None


def test_a_log_gives_back_every_run_that_was_added(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "steady/log.jsonl")
    runs = [a_run(), a_run(failed=("paid", "two_apps")), a_run(cut=True), a_run(tree=Tree("b582040", "3f2a1c"))]
    assert log.read() == []

    for run in runs:
        log.append(run)

    assert log.read() == runs


def test_without_settings_the_demo_is_run_alone_and_beside_a_load_and_the_tests_beside_a_load() -> None:
    goals = Settings.read({}).goals()

    assert goals == [Goal("demo", IDLE, 10), Goal("demo", BUSY, 10), Goal("tests", BUSY, 5)]


def test_settings_choose_what_is_run_how_often_beside_which_load() -> None:
    environment = {
        "STEADY_WHAT": "tests",
        "STEADY_RUNS": "7",
        "STEADY_BUSY": "0",
        "STEADY_DISK": "1",
        "STEADY_CPU": "50",
    }

    assert Settings.read(environment).goals() == [Goal("tests", Load(busy=0, disk=1, cpu=50), 7)]


@pytest.mark.parametrize("environment", [{"STEADY_WHAT": "all of it"}, {"STEADY_RUNS": "many"}, {"STEADY_BUSY": "-1"}])
def test_a_setting_that_means_nothing_is_refused(environment: dict[str, str]) -> None:
    (name,) = environment
    with pytest.raises(WrongSettingError, match=name):
        Settings.read(environment)
