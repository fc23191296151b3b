"""Plays stories on an open stage, several at once."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Final

from tests.sandbox.stage import Stage
from tests.sandbox.stories import STORIES
from tests.sandbox.tale import Story, Tale

AT_ONCE: Final = 10

OnBegin = Callable[[Story, Tale], None]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a story ended.

    `failure` says which expectation did not hold, or which error came in between; it is None if all went as told.
    """

    story: Story
    tale: Tale
    seconds: float
    failure: str | None = None
    trace: str = ""


def play_all(
    stage: Stage, stories: Sequence[Story] = STORIES, on_begin: OnBegin = lambda _story, _tale: None
) -> Iterator[Ending]:
    """Play the stories, and yield each ending as it comes; `on_begin` is called from the stories' own threads."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for future in as_completed([pool.submit(play, story, stage, on_begin) for story in stories]):
            yield future.result()
    finally:
        # After Ctrl-C no story begins any more, and those that play fail as soon as the stage is closed.
        pool.shutdown(wait=False, cancel_futures=True)


def play(story: Story, stage: Stage, on_begin: OnBegin) -> Ending:
    """Play one story; whatever goes wrong in it is its failure, and the other stories go on."""
    tale, start = Tale(), time.monotonic()
    on_begin(story, tale)
    failure, trace = None, ""
    try:
        story.play(stage, tale)
    except Exception as error:  # noqa: BLE001 - see above
        failure, trace = describe(error), traceback.format_exc()
    return Ending(story, tale, time.monotonic() - start, failure, trace)


def describe(error: Exception) -> str:
    """Return what an error says; a story's own expectations are sentences already."""
    return str(error) if isinstance(error, AssertionError) and str(error) else f"{type(error).__name__}: {error}"
