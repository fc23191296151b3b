"""Admission and recovery as they are put together, over fakes in memory: say only what the test is about."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.builders import POLICY, RETENTION
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_sites import MemorySites
from tests.support.memory_walk import MemoryWalk
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.entrypoints.recover import RecoveryHandler
from trigger_provider.use_cases.delivery.admission import Admission
from trigger_provider.use_cases.ports.clock import Clock
from trigger_provider.use_cases.ports.ledger import Ledger, Sites
from trigger_provider.use_cases.ports.messaging import Outbox
from trigger_provider.use_cases.recovery.recover import Recover
from trigger_provider.use_cases.recovery.requeue import Requeue
from trigger_provider.use_cases.recovery.resume_sites import ResumeSites
from trigger_provider.use_cases.recovery.walk import Walk

MOST = 195
PATIENCE = 7_000


def an_admission(clock: Clock, sites: Sites | None = None, most: int = MOST) -> Admission:
    """Return the admission of a site that may be called so often in a minute."""
    return Admission(MemorySites() if sites is None else sites, clock, lambda: "token", most, RETENTION)


def a_recovery(  # noqa: PLR0913 - what a recovery is put together from
    ledger: Ledger, outbox: Outbox, clock: Clock, new_token: Callable[[], str], most: int,
    *, sites: Sites | None = None, policy: DeliveryPolicy = POLICY, ahead: int = 0,
) -> Recover:  # fmt: skip
    """Return a recovery that takes at most so many rows of each shard and site, and brings none forward."""
    requeue = Requeue(ledger, outbox, clock, new_token)
    return Recover(
        requeue, ResumeSites(requeue, MemorySites() if sites is None else sites, policy, most), most, PATIENCE, ahead
    )


def a_recovery_handler(ledger: MemoryLedger, outbox: Outbox, clock: Clock) -> RecoveryHandler:
    """Return the handler of the schedules, over one ledger without sites."""
    recover = a_recovery(ledger, outbox, clock, lambda: "token", 10)
    walk = Walk(recover.requeue, MemorySites(), MemoryWalk(ledger), POLICY, 100)
    return RecoveryHandler(recover, walk, PATIENCE)
