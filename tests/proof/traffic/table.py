"""Figures as a table."""

from __future__ import annotations

from collections.abc import Mapping


def table(figures: Mapping[str, float]) -> str:
    """Return a line for each, whole numbers without a point."""
    return "".join(
        f"  {name:<56}{number:>10,.{0 if number == int(number) else 1}f}\n" for name, number in figures.items()
    )
