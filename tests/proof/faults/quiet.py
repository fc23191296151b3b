"""Waiting until all is done: no message under way, no row that waits, and what was given up is tried again."""

from __future__ import annotations

import threading
import time
from typing import Final

from tests.proof.faults.deployment import BUS, CALLERS
from tests.proof.faults.fleet import Fleet
from tests.proof.traffic.quiet import is_quiet

WORKED_ON: Final = ("InboxQueue", BUS, CALLERS, "DeliveryQueue", "DeliveryDeadLetterQueue")
REDRIVEN: Final = {"FailedEventQueue": BUS, "InboxDeadLetterQueue": "InboxQueue"}
"""What a person does once the trouble is over: what was given up goes back to where it came from."""

_PATIENCE_SECONDS: Final = 900
_LOOKS: Final = 2


def wait_until_quiet(fleet: Fleet) -> int:
    """Wait until nothing is left; give how many messages were redriven by hand.

    It is looked for twice, since between a look at the queues and one at the ledger something may move from one to
    the other.
    """
    sqs, worked_on = fleet.deployment.aws.clients.sqs, [fleet.deployment.queue_urls[name] for name in WORKED_ON]
    deadline, redriven, looks = time.monotonic() + _PATIENCE_SECONDS, 0, 0
    while looks < _LOOKS:
        assert time.monotonic() < deadline, f"not quiet within {_PATIENCE_SECONDS} s"
        redriven += sum(_redrive(fleet, source, target) for source, target in REDRIVEN.items())
        looks = looks + 1 if is_quiet(sqs, worked_on, fleet.deployment.ledger) else 0
        threading.Event().wait(0.2)
    return redriven


def _redrive(fleet: Fleet, source: str, target: str) -> int:
    sqs, urls = fleet.deployment.aws.clients.sqs, fleet.deployment.queue_urls
    messages = sqs.receive_message(QueueUrl=urls[source], MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.send_message(QueueUrl=urls[target], MessageBody=message["Body"])
        sqs.delete_message(QueueUrl=urls[source], ReceiptHandle=message["ReceiptHandle"])
    return len(messages)
