"""What the use cases are built from: the real rules, or one of them left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.proof.simulation.figures import INTAKE_WINDOW, POLICY
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.use_cases.ports.ledger import Ledger, Sites
from trigger_provider.use_cases.ports.messaging import Outbox
from trigger_provider.use_cases.ports.wix import AutomationsApi

Queueing = tuple[Ledger, Outbox]


def _as_it_is(ledger: Ledger, outbox: Outbox) -> Queueing:
    return ledger, outbox


@dataclass(frozen=True)
class Parts:
    """For intake, delivery and recovery what stands between them and their ports; and the numbers."""

    intake: Callable[[Ledger, Outbox], Queueing] = _as_it_is
    recovery: Callable[[Ledger, Outbox], Queueing] = _as_it_is
    delivery: Callable[[Ledger], Ledger] = field(default=lambda ledger: ledger)
    automations: Callable[[AutomationsApi], AutomationsApi] = field(default=lambda api: api)
    sites: Callable[[Sites], Sites] = field(default=lambda sites: sites)
    policy: DeliveryPolicy = POLICY
    intake_window: int = INTAKE_WINDOW


SOUND = Parts()
