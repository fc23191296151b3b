"""Puts objects together for one run of the command line, as `wiring` does for functions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from trigger_provider.adapters.aws.stack import StackUnavailable, look_up
from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.adapters.dynamodb.archive import DynamoDbArchive
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger
from trigger_provider.adapters.dynamodb.sites import DynamoDbSites
from trigger_provider.adapters.sqs.dead_letter_queues import SqsDeadLetterQueue, SqsInbox
from trigger_provider.adapters.sqs.delivery_queue import SqsDeliveryQueue
from trigger_provider.adapters.system.attempt_token import new_token
from trigger_provider.adapters.system.clock import SystemClock
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.operations.dead_letter import QueueName
from trigger_provider.use_cases.intake.accept import Accept
from trigger_provider.use_cases.operations.erase import Erase
from trigger_provider.use_cases.operations.explain import Explain
from trigger_provider.use_cases.operations.redrive import Redrive
from trigger_provider.use_cases.operations.replay import Replay
from trigger_provider.use_cases.operations.restore import Restore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trigger_provider.domain.catalogue.trigger import Catalogue
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Ledger, Sites
    from trigger_provider.use_cases.ports.operator import Archive, DeadLetterQueue, Inbox

_CALLS: Any = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 6})
_OUTPUTS: Final = {
    QueueName.REFUSED: "RefusedQueueUrl",
    QueueName.UNDELIVERED: "UndeliveredEventQueueUrl",
    QueueName.FAILED: "FailedEventQueueUrl",
    QueueName.INBOX: "InboxDeadLetterQueueUrl",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What commands work with. `lifetime` is how many seconds may lie between what is sent and what is saved.

    `open_copy` takes the name of a restored table.
    """

    app_id: str
    lifetime: int
    ledger: Ledger
    archive: Archive
    accept: Accept
    clock: Clock
    queues: Mapping[QueueName, DeadLetterQueue]
    inbox: Inbox
    sites: Sites
    open_copy: Callable[[str], Archive]

    def explain(self) -> Explain:
        """Return what tells histories."""
        return Explain(self.ledger, self.archive, self.app_id)

    def replay(self, name: str) -> Replay:
        """Return what replays rows."""
        return Replay(self.accept, self.app_id, name)

    def forget(self) -> Erase:
        """Return what forgets rows."""
        return Erase(self.accept, self.archive)

    def restore(self, table: str) -> Restore:
        """Return what puts rows of a restored table back."""
        return Restore(self.open_copy(table), self.accept, self.sites)

    def redrive(self, name: QueueName, catalogue: Catalogue, limit: int) -> Redrive:
        """Return what replays a queue."""
        return Redrive(name, self.queues[name], self.inbox, self.clock, catalogue, limit)


def of_stack(name: str) -> Services:
    """Connect to a stack with the caller's own credentials, or raise `StackUnavailable`."""
    try:
        session: Any = boto3.Session()
        stack = look_up(session.client("cloudformation", config=_CALLS), name)
        dynamodb, sqs = (session.client(service, config=_CALLS) for service in ("dynamodb", "sqs"))
    except BotoCoreError as error:
        raise StackUnavailable(str(error)) from None
    table, clock = stack.output("LedgerTableName"), SystemClock()
    ledger = DynamoDbLedger(dynamodb, table)
    retention = int(stack.parameter("LedgerRetentionDays")) * DAY
    outbox = SqsDeliveryQueue(sqs, stack.output("DeliveryQueueUrl"))
    return Services(
        app_id=stack.parameter("WixAppId"),
        lifetime=int(stack.output("IntakeTimeoutSeconds")),
        ledger=ledger,
        archive=DynamoDbArchive(dynamodb, table),
        accept=Accept(ledger, outbox, clock, new_token, retention),
        clock=clock,
        queues={queue: SqsDeadLetterQueue(sqs, stack.output(output)) for queue, output in _OUTPUTS.items()},
        inbox=SqsInbox(sqs, stack.output("InboxQueueUrl")),
        sites=DynamoDbSites(dynamodb, table),
        open_copy=lambda copy: DynamoDbArchive(dynamodb, copy),
    )


@cache
def local_catalogue(folder: Path | None = None) -> Catalogue:
    """Return the catalogue of a folder, or the one on the Python path. It should be the one that is deployed."""
    try:
        return load_catalogue(folder or files("triggers"))
    except ModuleNotFoundError:
        raise StackUnavailable(
            "there is no catalogue: name its folder before the command, with --catalogue FOLDER"
        ) from None
