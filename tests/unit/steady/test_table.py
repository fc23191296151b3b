"""Many runs make one small table."""

from __future__ import annotations

from tests.tools.steady.goals import Goal
from tests.tools.steady.runs import Load, Run, Tree
from tests.tools.steady.table import has_failed, progress_line, table_lines

TREE = Tree("b582040d05cc1f7e", "3f2a1c")
DEMO, TESTS = Goal("demo", Load(busy=2), 10), Goal("tests", Load(), 5)


def a_run(seconds: float, *failed: str, cut: bool = False) -> Run:
    return Run(TREE, DEMO.what, DEMO.load, "2026-11-30T20:00:00+00:00", seconds, failed, cut)


RUNS = [a_run(100), a_run(120, "paid", "two_apps"), a_run(140, "paid"), a_run(600, cut=True)]


def test_progress_is_told_in_a_sentence() -> None:
    assert progress_line(DEMO, TREE, RUNS) == "demo beside 2 busy processes a core: 3 of 10 runs, 2 failed"


def test_the_table_has_a_line_for_each_goal_and_what_failed_how_often() -> None:
    assert table_lines([DEMO, TESTS], TREE, RUNS) == [
        "commit b582040d05cc, with changes 3f2a1c",
        "                                         runs  failed   cut   median  longest",
        "demo beside 2 busy processes a core   3 of 10       2     1    120 s    140 s",
        "    2  paid",
        "    1  two_apps",
        "tests on an idle machine               0 of 5       0     0",
    ]


def test_a_load_says_all_that_it_is_made_of() -> None:
    assert str(Load(busy=2, disk=1, cpu=50)) == (
        "beside 2 busy processes a core and 1 process on the disk, with 50 % of the CPU"
    )


def test_one_failure_is_enough_and_a_run_that_was_cut_is_none() -> None:
    assert has_failed([DEMO], TREE, RUNS)
    assert not has_failed([DEMO], TREE, [a_run(100), a_run(600, cut=True)])
    assert not has_failed([TESTS], TREE, RUNS)
