"""Spans as owners set them: a whole number of a unit, within what Wix's builder takes (section 4.3)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Unit(StrEnum):
    """Wix's units of time."""

    MINUTES = "MINUTES"
    HOURS = "HOURS"
    DAYS = "DAYS"
    WEEKS = "WEEKS"
    MONTHS = "MONTHS"


MOST: Mapping[Unit, int] = {Unit.MINUTES: 999, Unit.HOURS: 999, Unit.DAYS: 365, Unit.WEEKS: 52, Unit.MONTHS: 12}
SECONDS: Mapping[Unit, int] = {Unit.MINUTES: 60, Unit.HOURS: 3_600, Unit.DAYS: 86_400, Unit.WEEKS: 604_800}


@dataclass(frozen=True, slots=True)
class Duration:
    """So many of a unit. Months are calendar months in UTC, cut to the last day of a shorter one."""

    amount: int
    unit: Unit

    def after(self, moment: float) -> float:
        """The moment so much later."""
        return self._moved(moment, self.amount)

    def before(self, moment: float) -> float:
        """The moment so much earlier."""
        return self._moved(moment, -self.amount)

    def _moved(self, moment: float, amount: int) -> float:
        if self.unit is not Unit.MONTHS:
            return moment + amount * SECONDS[self.unit]
        then = datetime.fromtimestamp(moment, UTC)
        years, month = divmod(then.month - 1 + amount, 12)
        year = then.year + years
        day = min(then.day, monthrange(year, month + 1)[1])
        return then.replace(year=year, month=month + 1, day=day).timestamp()
