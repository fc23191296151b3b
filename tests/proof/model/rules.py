"""What the model drives: the decisions that ship, and the order of the steps between them.

An ablation replaces one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from trigger_provider.domain.delivery.jobs import Job, settle_job
from trigger_provider.domain.delivery.planning import Plan, plan_occurrence, plan_scheduled, wait_for_save
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.domain.delivery.results import ItemResult, JobResults
from trigger_provider.domain.delivery.resumption import is_due, release_if_due
from trigger_provider.domain.delivery.retry import SettleContext, Settlement
from trigger_provider.domain.delivery.sweeps import SweepPlan, end_occurrence, plan_sweep
from trigger_provider.domain.gate import GateAnswer, RefreshQuery, answer
from trigger_provider.domain.intake.acceptance import Acceptance, accept_cancel, accept_change, accept_occurrence
from trigger_provider.domain.ledger.ids import idempotency_key
from trigger_provider.domain.ledger.rows import OccurrencePage, RealtimeEvent, Row, ScheduledEntity, Tombstone, Waiting
from trigger_provider.domain.operations.restoration import restore_row
from trigger_provider.domain.sites.walk import find_overlooked


@dataclass(frozen=True, eq=False)
class Rules:
    """The decisions as they ship, the ids that Wix gets, and whether each order of steps that matters is kept."""

    accept_change: Callable[..., Acceptance] = accept_change
    accept_cancel: Callable[..., Acceptance] = accept_cancel
    accept_occurrence: Callable[..., Acceptance] = accept_occurrence
    plan_scheduled: Callable[[ScheduledEntity, int, int], Plan | None] = plan_scheduled
    plan_occurrence: Callable[[RealtimeEvent, Tombstone | None, int], Plan | None] = plan_occurrence
    plan_sweep: Callable[[Tombstone, OccurrencePage, int, int], SweepPlan | None] = plan_sweep
    end_occurrence: Callable[[RealtimeEvent, ItemResult, SettleContext], RealtimeEvent] = end_occurrence
    settle_job: Callable[[Job, JobResults, Row, SettleContext], Settlement[Row] | None] = settle_job
    wait_for_save: Callable[[int, int, int, int], int | None] = wait_for_save
    id_at_wix: Callable[[str], str] = lambda event_id: event_id
    gate: Callable[[RefreshQuery, Sequence[Row]], GateAnswer] = answer
    is_due: Callable[[Waiting, int], bool] = is_due
    release_if_due: Callable[[Row, int, DeliveryPolicy], Row | None] = release_if_due
    find_overlooked: Callable[[Row, None, int, DeliveryPolicy], Row | None] = find_overlooked
    restore_row: Callable[[Row, int, int], Row] = restore_row
    idempotency_key: Callable[[str, Any], str] = idempotency_key
    enqueues_first: bool = True
    queries_last: bool = True
    closes_first: bool = True
    saves_on_condition: bool = True
    reads_entity_last: bool = True


SHIPPED = Rules()
