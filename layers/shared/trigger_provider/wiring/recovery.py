"""Constructs `recover`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigger_provider.adapters.aws.clients import calls, client
from trigger_provider.adapters.dynamodb.walk import DynamoDbWalk
from trigger_provider.adapters.system.attempt_token import new_token
from trigger_provider.adapters.system.clock import SystemClock
from trigger_provider.domain.delivery.policy import RECOVERY_RESERVE
from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.entrypoints.recover import RecoveryHandler
from trigger_provider.settings.recovery import RecoverSettings
from trigger_provider.use_cases.concurrency import Item, Result, map_concurrently
from trigger_provider.use_cases.recovery.recover import Recover
from trigger_provider.use_cases.recovery.requeue import Requeue
from trigger_provider.use_cases.recovery.resume_sites import ResumeSites
from trigger_provider.use_cases.recovery.walk import Walk
from trigger_provider.wiring.parts import delivery_policy, ledger_of, outbox_of, sites_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Deep enough that 100,000 rows of one site hide no other site. How many of them a run requeues depends on its time.
_MOST_WAITING_PER_SHARD = 6_000
_MOST_PARKED = 20_000
# 12,800 read units a minute at most, for 100 MB: a table of 144 GB in a day.
_MOST_PAGES = 100
# Many portions run at once, as many as a client of boto3 keeps connections, and each makes one call after the other.
_PORTIONS_AT_ONCE = 10
_CALLS_AT_ONCE = 1


def scheduled_recovery(env: Mapping[str, str]) -> RecoveryHandler:
    """Construct the handler of the schedule."""
    settings = RecoverSettings.read(env)
    ledger, outbox = (
        ledger_of(settings.ledger.table_name, settings.ledger.read_timeout_seconds, _CALLS_AT_ONCE),
        outbox_of(settings.ledger, _CALLS_AT_ONCE),
    )
    requeue = Requeue(ledger, outbox, SystemClock(), new_token, _map_portions)
    sites = sites_of(settings.ledger)
    resume_sites = ResumeSites(requeue, sites, delivery_policy(settings.patience), _MOST_PARKED)
    patience = settings.timeout_seconds * SECOND - RECOVERY_RESERVE
    table = DynamoDbWalk(client("dynamodb", calls(settings.ledger.read_timeout_seconds)), settings.ledger.table_name)
    walk = Walk(requeue, sites, table, resume_sites.policy, _MOST_PAGES)
    recover = Recover(requeue, resume_sites, _MOST_WAITING_PER_SHARD, patience, MINUTE)
    return RecoveryHandler(recover, walk, patience)


def _map_portions(do: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return map_concurrently(do, items, _PORTIONS_AT_ONCE)
