"""Every story of the sandbox, through the deployed stack, with each function held to its own IAM policies."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.sandbox.demo.playing import Ending, play_all
from tests.sandbox.stage import STACK, Stage
from tests.sandbox.stories import STORIES
from tests.sandbox.tale import Story, format_tale


@pytest.fixture(scope="module")
def endings(stage: Stage) -> Mapping[str, Ending]:
    return {ending.story.sentence: ending for ending in play_all(stage)}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.sentence)
def test_the_story_ends_as_told(story: Story, endings: Mapping[str, Ending]) -> None:
    ending = endings[story.sentence]

    assert ending.failure is None, "\n".join([ending.failure, *format_tale(ending.tale.lines)])


def test_the_smoke_test_finds_what_the_stories_left_behind(stage: Stage, endings: Mapping[str, Ending]) -> None:
    """A well stack passes but for one line: the story of bad input has left refused requests for a person."""
    assert endings
    run = subprocess.run(  # noqa: S603 - the project's own tool
        [sys.executable, "-m", "tests.tools.smoke", STACK],
        env=stage.aws.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1, run.stderr
    lines = run.stdout.splitlines()
    assert [line.startswith("  well") for line in lines] == [True, True, True, True, False], run.stdout
    assert "refused requests wait for a person" in lines[-1]
