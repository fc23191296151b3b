"""Whether an event activates an automation, and when: decided at the report, and never again (sections 4.3 to 4.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.sandbox.wix.engine.activation_states import Cause, Target
from tests.sandbox.wix.engine.automations import Automation, Filter
from tests.sandbox.wix.engine.paths import values_at
from tests.sandbox.wix.formats import is_lenient_date_time
from tests.sandbox.wix.registry import Schema

LAST_YEAR = 9_000


@dataclass(frozen=True, slots=True)
class Admission:
    """The first move of an activation, and when it is to run."""

    cause: Cause
    target: Target
    runs_at: float | None = None


def admit(
    automation: Automation, schema: Schema, payload: Mapping[str, Any], now: float, exceeds: Callable[[], bool]
) -> Admission:
    """Filters first, then the date; the owner's limit last, so that what is skipped anyway uses nothing of it."""
    date_key = date_property(schema)
    target = Target.IMMEDIATE if date_key is None else Target.SCHEDULE
    if not all(passes(each, payload) for each in automation.filters):
        return Admission(Cause.TRIGGER_FILTERS_NOT_PASSED, target)
    runs_at = now if date_key is None else planned(automation, payload.get(date_key))
    if runs_at is None:
        return Admission(Cause.SCHEDULE_DATE_EVALUATION_FAILED, target)
    if runs_at < now:
        return Admission(Cause.SCHEDULE_DATE_EXPIRED, target, runs_at)
    if exceeds():
        return Admission(Cause.RATE_LIMIT_EXCEEDED, target, runs_at)
    return Admission(Cause.ADMITTED, target, runs_at)


def date_property(schema: Schema) -> str | None:
    """The property that makes a trigger a scheduled one (section 5.2); none makes it real-time."""
    properties = schema.get("properties", {})
    return next((name for name, rules in properties.items() if rules.get("futureDate")), None)


def passes(each: Filter, payload: Mapping[str, Any]) -> bool:
    """Whether one of the values at the filter's path is one of those that the owner chose; `1` is not `true`."""
    chosen = [(type(value), value) for value in each.values]
    return any((type(value), value) in chosen for value in values_at(payload, each.field_key))


def planned(automation: Automation, date: object) -> float | None:
    """The payload's date less the owner's lead time; None if the date can't be read."""
    moment = read_date(date)
    if moment is None or automation.before is None:
        return moment
    return max(0.0, automation.before.before(moment))


def read_date(text: object) -> float | None:
    """A date-time in seconds, at least 0; one without an offset counts as UTC, one of a far year as unreadable."""
    if not is_lenient_date_time(text):
        return None
    try:
        moment = datetime.fromisoformat(str(text).upper())
    except ValueError:  # a leap second, which datetime has no place for
        return None
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return max(0.0, seconds) if moment.year < LAST_YEAR else None
