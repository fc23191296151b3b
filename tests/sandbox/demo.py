"""`make demo`: every story, played through the deployed stack; exit code 0 only if all ended as told."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from tests.sandbox.opening import open_stage
from tests.sandbox.stage import Stage
from tests.sandbox.stories import STORIES
from tests.sandbox.tale import Story, Tale, told

AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Ending:
    """How a story ended; a failure is what went otherwise."""

    story: Story
    tale: Tale
    failure: str | None


def main() -> int:
    """Play the stories, telling the progress, and then what happened in each."""
    start = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - start:5.1f} s  {text}", flush=True)

    with open_stage(say) as stage:
        say(f"playing {len(STORIES)} stories, {AT_ONCE} at once")
        endings = {}
        for ending in played(stage):
            endings[ending.story.sentence] = ending
            say(f"{'failed' if ending.failure else 'as told'}  {ending.story.sentence}")
    report([endings[story.sentence] for story in STORIES])
    failures = sum(ending.failure is not None for ending in endings.values())
    say(f"{len(STORIES) - failures} of {len(STORIES)} stories ended as told")
    return 1 if failures else 0


def played(stage: Stage) -> Iterable[Ending]:
    """Play all stories, and give each as it ends."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for future in as_completed([pool.submit(play, story, stage) for story in STORIES]):
            yield future.result()


def play(story: Story, stage: Stage) -> Ending:
    """Play one story; whatever goes wrong in it is its failure."""
    tale = Tale()
    try:
        story.play(stage, tale)
    except Exception as error:  # noqa: BLE001 - the other stories go on
        return Ending(story, tale, f"{type(error).__name__}: {error}")
    return Ending(story, tale, None)


def report(endings: Iterable[Ending]) -> None:
    """Print the timeline of each story."""
    for number, ending in enumerate(endings, start=1):
        print(f"\n{number:3}. {ending.story.sentence}\n{told(ending.tale.lines)}")
        if ending.failure:
            print(f"    FAILED: {ending.failure}")
    print(flush=True)


if __name__ == "__main__":
    sys.exit(main())
