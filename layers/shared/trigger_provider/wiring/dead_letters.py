"""Constructs `dead_letters`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigger_provider.adapters.sqs import delivery_queue
from trigger_provider.adapters.system.attempt_token import new_token
from trigger_provider.adapters.system.clock import SystemClock
from trigger_provider.domain.durations import DAY
from trigger_provider.entrypoints.dead_letters import DeadLettersHandler
from trigger_provider.settings.dead_letters import DeadLetterSettings
from trigger_provider.use_cases.delivery.dead_letters import DeadLetters
from trigger_provider.wiring.parts import ledger_of, outcomes_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def dead_letters(env: Mapping[str, str]) -> DeadLettersHandler:
    """Construct the handler of the delivery dead-letter queue."""
    settings = DeadLetterSettings.read(env)
    ledger = ledger_of(settings.table_name, settings.read_timeout_seconds)
    outcomes = outcomes_of(settings.outcome_bus_name, settings.read_timeout_seconds)
    use_case = DeadLetters(ledger, SystemClock(), new_token, settings.retention_days * DAY, outcomes)
    return DeadLettersHandler(use_case, delivery_queue.decode)
