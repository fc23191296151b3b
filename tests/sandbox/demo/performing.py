"""Opens the sandbox, plays the stories in it, and closes it; what happens is shown and written down."""

from __future__ import annotations

import traceback
from contextlib import ExitStack

from tests.sandbox.aws.stack import Say
from tests.sandbox.demo.display import PlainDisplay
from tests.sandbox.demo.log import DemoLog
from tests.sandbox.demo.playing import AT_ONCE, play_all
from tests.sandbox.demo.report import count
from tests.sandbox.opening import open_stage
from tests.sandbox.stage import Stage


class NotOpenedError(Exception):
    """The sandbox did not open; the message is the last step."""


def perform(display: PlainDisplay, log: DemoLog) -> None:
    """Play the stories of the log, and write the log however they end. Raise NotOpenedError if nothing could begin."""
    log.clear()
    try:
        play(display, log)
    except BaseException:
        log.trouble = traceback.format_exc()
        raise
    finally:
        log.write()


def play(display: PlainDisplay, log: DemoLog) -> None:
    """Open the sandbox, play the stories, and close it."""

    def say(text: str) -> None:
        log.steps.append(display.show_step(text))

    with display, ExitStack() as closing:
        stage = open_or_explain(closing, say, log)
        say(f"playing {count(len(log.stories))}, {min(AT_ONCE, len(log.stories))} at once")
        for ending in play_all(stage, log.stories, display.begin_story):
            log.endings[ending.story.name] = ending
            display.end_story(ending)


def open_or_explain(closing: ExitStack, say: Say, log: DemoLog) -> Stage:
    """Return the open stage, which `closing` closes. Raise NotOpenedError, whose cause is what went wrong."""
    try:
        return closing.enter_context(open_stage(say, log_copy=log.ministack))
    except Exception as error:
        raise NotOpenedError(log.steps[-1].strip() if log.steps else "none") from error
