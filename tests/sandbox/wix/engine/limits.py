"""How often an owner lets an automation run, for each contact or in all (section 9)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tests.sandbox.wix.engine.activation_states import Activation, Status
from tests.sandbox.wix.engine.automations import Automation, RateLimit
from tests.sandbox.wix.engine.paths import value_at


class Limits:
    """Which activations used up what, by automation and identifier."""

    def __init__(self) -> None:
        self._counted: defaultdict[tuple[str, str], list[str]] = defaultdict(list)

    def count(self, automation: Automation, activation: Activation) -> None:
        """From now on it counts."""
        if automation.rate_limit is not None:
            self._counted[_name(automation, automation.rate_limit, activation.payload)].append(activation.activation_id)

    def exceeded(
        self,
        automation: Automation,
        payload: Mapping[str, Any],
        now: float,
        activations: Mapping[str, Activation],
        *,
        cancelled_count: bool,
    ) -> bool:
        """Whether one more activation would be too many."""
        limit = automation.rate_limit
        if limit is None:
            return False
        began_after = limit.duration.before(now) if limit.duration else float("-inf")
        counted = [activations[each] for each in self._counted[_name(automation, limit, payload)]]
        used = sum(
            each.steps[0].at > began_after and (cancelled_count or each.status is not Status.CANCELLED)
            for each in counted
        )
        return used >= limit.max_activations


def _name(automation: Automation, limit: RateLimit, payload: Mapping[str, Any]) -> tuple[str, str]:
    identifier = value_at(payload, limit.unique_identifier) if limit.unique_identifier else None
    return automation.automation_id, json.dumps(identifier, sort_keys=True)
