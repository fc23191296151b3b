"""What a person reads after the scenarios: a line for each, one of them in full, and what failed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.sandbox.demo.playing import Ending
from tests.sandbox.narrator import format_briefly, format_lines

EXAMPLE: Final = "a_new_date"
"""The scenario that is printed in full when all are played."""

CUT: Final = " …"


@dataclass(frozen=True, slots=True)
class Layout:
    """How much room the report takes: the most lines for a scenario and a failure, and whether the example is shown."""

    scenario_height: int
    failure_height: int
    has_example: bool = True


# From the roomiest to the tightest.
LAYOUTS: Final = (Layout(3, 3), Layout(2, 2), Layout(1, 2), Layout(1, 1), Layout(1, 1, has_example=False))


def report_lines(endings: Sequence[Ending], *, width: int, room: int) -> list[str]:
    """Return the report in at most `room` lines of `width` columns, in the first layout that fits."""
    for layout in LAYOUTS:
        lines = arrange(endings, width, layout)
        if len(lines) <= room:
            return lines
    half = room // 2
    return [*lines[:half], CUT.strip(), *lines[half + 1 - room :]]


def arrange(endings: Sequence[Ending], width: int, layout: Layout) -> list[str]:
    """Return the report in a layout."""
    scenarios = [line for ending in endings for line in scenario_lines(ending, width, layout.scenario_height)]
    summary = ["", *summary_lines(endings, width, layout.failure_height)]
    if len(endings) == 1:
        return [*scenarios, *timeline(endings[0], width), *summary]
    examples = [ending for ending in endings if layout.has_example and ending.scenario.name == EXAMPLE]
    return [*scenarios, *(line for ending in examples for line in ["", *format_ending(ending, width)]), *summary]


def format_all(endings: Sequence[Ending], width: int | None = None) -> list[str]:
    """Return every scenario in full, and then what failed."""
    scenarios = [
        line for number, ending in enumerate(endings, 1) for line in [*format_ending(ending, width, number), ""]
    ]
    return [*scenarios, *summary_lines(endings, width)]


def format_ending(ending: Ending, width: int | None = None, number: int | None = None) -> list[str]:
    """Return a scenario in full."""
    start = "" if number is None else f"{number:3}. "
    title = wrap(f"{start}{ending.scenario.sentence}  [{ending.scenario.name}]", width, hanging=len(start))
    return [*title, *timeline(ending, width)]


def timeline(ending: Ending, width: int | None) -> list[str]:
    """Return what the narrator of a scenario said, and which expectation did not hold if it failed."""
    failure = wrap(f"    FAILED: {ending.failure}", width, hanging=12) if ending.failure else []
    lines = format_lines(ending.narrator.lines) if width is None else format_briefly(ending.narrator.lines, width)
    return [*lines, *failure]


def scenario_lines(ending: Ending, width: int | None, height: int | None = None) -> list[str]:
    """Return whether the scenario ended as expected, its seconds, its sentence, and the name to ask for it by."""
    start, name = f"{'✗' if ending.failure else '✓'} {ending.seconds:5.1f} s  ", f"  [{ending.scenario.name}]"
    lines = wrap(f"{start}{ending.scenario.sentence}{name}", width, hanging=len(start))
    if width is None or height is None or len(lines) <= height:
        return lines
    sentence = textwrap.shorten(ending.scenario.sentence, width - len(start) - len(name), placeholder=CUT)
    return [f"{start}{sentence}{name}"]


def summary_lines(endings: Sequence[Ending], width: int | None, height: int | None = None) -> list[str]:
    """Return how many scenarios ended as expected, and for each of the others the expectation that did not hold."""
    failures = [ending for ending in endings if ending.failure]
    if not failures:
        return [f"{count(len(endings))} ended as expected."]
    each = [line for ending in failures for line in failure_lines(ending, width, height)]
    return [f"{len(failures)} of {count(len(endings))} did not end as expected:", *each]


def failure_lines(ending: Ending, width: int | None, height: int | None) -> list[str]:
    """Return a failed scenario's name, and what did not hold."""
    return wrap(f"✗ {ending.scenario.name}: {ending.failure}", width, hanging=2, height=height)


def count(scenarios: int) -> str:
    """Return a number of scenarios in words that fit it."""
    return "1 scenario" if scenarios == 1 else f"{scenarios} scenarios"


def wrap(text: str, width: int | None, *, hanging: int, height: int | None = None) -> list[str]:
    """Return text in lines of a width, all but the first indented; what is too high for `height` is cut."""
    if width is None:
        return text.splitlines() or [""]
    indent = " " * hanging
    return textwrap.wrap(
        text, width, subsequent_indent=indent, break_on_hyphens=False, max_lines=height, placeholder=CUT
    )


def trouble_lines(step: str, error: BaseException, width: int) -> list[str]:
    """Return why the sandbox did not open: the last step, and the last lines of the error."""
    lines = [wrap(f"    {line.strip()}", width, hanging=4, height=4) for line in tail_lines(str(error), 3)]
    title = wrap(f"The sandbox did not open. Its last step: {step}", width, hanging=4)
    return [*title, f"    {type(error).__name__}:", *(part for line in lines for part in line)]


def tail_lines(text: str, most: int) -> list[str]:
    """Return the last lines of a long text that are not blank."""
    return [line.rstrip() for line in text.splitlines() if line.strip()][-most:]
