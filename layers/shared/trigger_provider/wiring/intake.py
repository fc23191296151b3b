"""Constructs the three intake functions, with the catalogue."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from trigger_provider.adapters.aws.clients import calls, client
from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.adapters.sqs.refused_queue import SqsRefusedQueue
from trigger_provider.adapters.system.attempt_token import new_token
from trigger_provider.adapters.system.clock import SystemClock
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.intake.parser import RequestChecker
from trigger_provider.entrypoints.intake_direct import DirectIntakeHandler
from trigger_provider.entrypoints.intake_eventbridge import EventBridgeIntakeHandler
from trigger_provider.entrypoints.intake_sqs import SqsIntakeHandler
from trigger_provider.entrypoints.message_reader import MessageReader
from trigger_provider.settings.intake import IntakeSettings, refused_queue_url
from trigger_provider.settings.ledger import LedgerSettings
from trigger_provider.use_cases.intake.accept import Accept
from trigger_provider.use_cases.intake.intake import Intake
from trigger_provider.use_cases.intake.status import ReadStatus
from trigger_provider.wiring.parts import ledger_of, outbox_of, sites_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def eventbridge_intake(env: Mapping[str, str]) -> EventBridgeIntakeHandler:
    """Construct the handler of EventBridge's events."""
    checker, accept = _checker_and_accept(env)
    return EventBridgeIntakeHandler(MessageReader(checker, accept.clock), Intake(accept, _refusals(env)))


def sqs_intake(env: Mapping[str, str]) -> SqsIntakeHandler:
    """Construct the handler of the InboxQueue."""
    checker, accept = _checker_and_accept(env)
    return SqsIntakeHandler(MessageReader(checker, accept.clock), Intake(accept, _refusals(env)))


def direct_intake(env: Mapping[str, str]) -> DirectIntakeHandler:
    """Construct the handler of direct invocations."""
    checker, accept = _checker_and_accept(env)
    return DirectIntakeHandler(checker, accept, ReadStatus(accept.ledger))


def _checker_and_accept(env: Mapping[str, str]) -> tuple[RequestChecker, Accept]:
    settings = IntakeSettings.read(env)
    checker = RequestChecker(load_catalogue(files("triggers")), settings.app_id)
    ledger, outbox = (
        ledger_of(settings.ledger.table_name, settings.ledger.read_timeout_seconds),
        outbox_of(settings.ledger),
    )
    retention, sites = settings.retention_days * DAY, sites_of(settings.ledger)
    return checker, Accept(ledger, outbox, SystemClock(), new_token, retention, sites)


def _refusals(env: Mapping[str, str]) -> SqsRefusedQueue:
    ledger = LedgerSettings.read(env)
    return SqsRefusedQueue(client("sqs", calls(ledger.read_timeout_seconds)), refused_queue_url(env))
