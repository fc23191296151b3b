"""The two phases of a load run: send everything at a rate, then look until everything is as it should be."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from rich.progress import Progress

from tests.proof.traffic.audit import Audit, audit_of
from tests.proof.traffic.oracle import Expected
from tests.proof.traffic.producers import Request
from tests.proof.traffic.quiet import is_quiet
from tests.sandbox.environment import MOST_QUEUE_ENTRIES, Environment
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef as MessageTypeDef

_PATIENCE_SECONDS: Final = 180
_LOOK_EVERY_SECONDS: Final = 1
_SELDOM: Final = 4
_SENDERS: Final = 4
# Of so many portions one is asked for by a direct call. None goes by the bus: MiniStack makes a worker for each event
# that is on its way at once, and unpacks the layers for it.
_ONE_IN: Final = 20


def send(environment: Environment, requests: Sequence[Request], rate: float, progress: Progress) -> float:
    """Send all, in portions, by the inbox and by direct calls; give how many seconds it took."""
    bar = progress.add_task("sent", total=len(requests))
    began = time.monotonic()
    with ThreadPoolExecutor(_SENDERS) as pool:
        for number, start in enumerate(range(0, len(requests), MOST_QUEUE_ENTRIES)):
            threading.Event().wait(max(0.0, began + start / rate - time.monotonic()))
            some = requests[start : start + MOST_QUEUE_ENTRIES]
            sent = pool.submit(_by_inbox if number % _ONE_IN else _by_call, environment, some)
            sent.add_done_callback(lambda done: progress.advance(bar, len(done.result())))
    return time.monotonic() - began


def verify(environment: Environment, expected: Sequence[Expected], sites: Sequence[str], progress: Progress) -> Audit:
    """Look until all is quiet and as it should be, or for too long nothing has come nearer to that."""
    bar = progress.add_task("verified", total=len(expected))
    ledger = DynamoDbLedger(environment.aws.clients.dynamodb, environment.outputs["LedgerTableName"])
    queues = [environment.outputs[name] for name in ("InboxQueueUrl", "DeliveryQueueUrl")]
    fewest, deadline = len(expected) + 1, 0.0
    while True:
        began = time.monotonic()
        is_done = is_quiet(environment.aws.clients.sqs, queues, ledger)
        audit = audit_of(expected, ledger, environment.wix, sites)
        left = max(len(audit.lost), len(audit.untrue))
        progress.update(bar, completed=len(expected) - left)
        if left < fewest:
            fewest, deadline = left, time.monotonic() + _PATIENCE_SECONDS
        if (is_done and audit.is_clean) or time.monotonic() > deadline:
            return audit
        environment.recover()
        # The local Wix lives in this process, and answers while nobody looks.
        threading.Event().wait(max(_LOOK_EVERY_SECONDS, _SELDOM * (time.monotonic() - began)))


def _by_inbox(environment: Environment, some: Sequence[Request]) -> Sequence[Request]:
    entries: list[MessageTypeDef] = [
        {"Id": str(at), "MessageBody": json.dumps(item), "MessageGroupId": item["instanceId"]}
        for at, item in enumerate(some)
    ]
    environment.aws.clients.sqs.send_message_batch(QueueUrl=environment.outputs["InboxQueueUrl"], Entries=entries)
    return some


def _by_call(environment: Environment, some: Sequence[Request]) -> Sequence[Request]:
    environment.invoke(*some)
    return some
