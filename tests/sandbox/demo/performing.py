"""Opens the sandbox, plays the scenarios in it, and closes it; what happens is shown and written down."""

from __future__ import annotations

import traceback
from contextlib import ExitStack

from tests.sandbox.aws.stack import Say
from tests.sandbox.demo.display import PlainDisplay
from tests.sandbox.demo.log import DemoLog
from tests.sandbox.demo.playing import AT_ONCE, play_all
from tests.sandbox.demo.report import count
from tests.sandbox.environment import Environment
from tests.sandbox.opening import open_environment


class NotOpenedError(Exception):
    """The sandbox did not open; the message is the last step."""


def perform(display: PlainDisplay, log: DemoLog) -> None:
    """Play the scenarios of the log, and write the log however they end. Raise NotOpenedError if none could begin."""
    log.clear()
    try:
        play(display, log)
    except BaseException:
        log.trouble = traceback.format_exc()
        raise
    finally:
        log.write()


def play(display: PlainDisplay, log: DemoLog) -> None:
    """Open the sandbox, play the scenarios, and close it."""

    def say(text: str) -> None:
        log.steps.append(display.show_step(text))

    with display, ExitStack() as closing:
        environment = open_or_explain(closing, say, log)
        say(f"playing {count(len(log.scenarios))}, {min(AT_ONCE, len(log.scenarios))} at once")
        for ending in play_all(environment, log.scenarios, display.begin_scenario):
            log.endings[ending.scenario.name] = ending
            display.end_scenario(ending)


def open_or_explain(closing: ExitStack, say: Say, log: DemoLog) -> Environment:
    """Return the open environment, which `closing` closes. Raise NotOpenedError, whose cause is what went wrong."""
    try:
        return closing.enter_context(open_environment(say, log_copy=log.ministack))
    except Exception as error:
        raise NotOpenedError(log.steps[-1].strip() if log.steps else "none") from error
