"""What a run has found: figures with their spread, each beside its goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line of the table: the median of what was measured, and between which values the middle half lay."""

    what: str
    value: float
    low: float
    high: float
    unit: str = ""
    goal: str = ""
    met: bool | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON's members."""
        return asdict(self)


def figure(what: str, samples: Sequence[float], unit: str = "", *, most: float | None = None) -> Figure:
    """Make a figure that should be at most so much; without a goal it is only told."""
    low, _, high = quantiles(samples, n=4) if len(samples) > 1 else (samples[0],) * 3
    value = median(samples)
    goal = "" if most is None else f"≤ {most:.3g}"
    return Figure(what, value, low, high, unit, goal, None if most is None else value <= most)


def at_least(what: str, samples: Sequence[float], unit: str, least: float) -> Figure:
    """Make a figure that should be at least so much."""
    measured = figure(what, samples, unit)
    return Figure(what, measured.value, measured.low, measured.high, unit, f"≥ {least:.3g}", measured.value >= least)


def table(figures: Sequence[Figure]) -> str:
    """Return the table as it is printed."""
    lines = [("figure", "median", "middle half", "goal", "")]
    lines += [
        (
            each.what,
            f"{_short(each.value)} {each.unit}".strip(),
            "" if each.low == each.high else f"{_short(each.low)} – {_short(each.high)}",
            each.goal,
            {True: "met", False: "NOT MET", None: ""}[each.met],
        )
        for each in figures
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
