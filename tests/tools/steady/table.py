"""What a person reads of many runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from statistics import median

from tests.tools.steady.goals import Goal, count_done, runs_of
from tests.tools.steady.runs import Run, Tree


def progress_line(goal: Goal, tree: Tree, runs: Collection[Run]) -> str:
    """Return how far a goal is reached."""
    failed = sum(bool(run.failed) for run in runs_of(goal, tree, runs))
    return f"{goal}: {count_done(goal, tree, runs)} of {goal.runs} runs, {failed} failed"


def table_lines(goals: Sequence[Goal], tree: Tree, runs: Collection[Run]) -> list[str]:
    """Return a line for each goal with its runs and seconds, and below it what failed how often."""
    width = max(len(str(goal)) for goal in goals)
    head = f"{'':{width}}  {'runs':>8}  {'failed':>6}  {'cut':>4}  {'median':>7}  {'longest':>7}"
    rows = [line for goal in goals for line in _rows(goal, width, tree, runs)]
    return [str(tree), head, *rows]


def has_failed(goals: Sequence[Goal], tree: Tree, runs: Collection[Run]) -> bool:
    """Return whether any run of the goals has failed."""
    return any(run.failed for goal in goals for run in runs_of(goal, tree, runs))


def _rows(goal: Goal, width: int, tree: Tree, runs: Collection[Run]) -> list[str]:
    some = runs_of(goal, tree, runs)
    ended = [run for run in some if not run.cut]
    seconds = [run.seconds for run in ended]
    times = f"{median(seconds):5.0f} s  {max(seconds):5.0f} s" if seconds else ""
    failed, cut = sum(bool(run.failed) for run in ended), len(some) - len(ended)
    row = f"{goal!s:{width}}  {f'{len(ended)} of {goal.runs}':>8}  {failed:>6}  {cut:>4}  {times}".rstrip()
    names = Counter(name for run in ended for name in run.failed)
    return [row, *(f"    {number}  {name}" for name, number in names.most_common())]
