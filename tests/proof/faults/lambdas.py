"""Lambda, played: what takes messages off a queue, hands them to a worker, and deletes what did not fail."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.proof.faults.handlers import Handler, Messages
from tests.proof.faults.workers import HandlerFailedError, Worker, WorkerDiedError

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef as ChangeTypeDef
    from mypy_boto3_sqs.type_defs import DeleteMessageBatchRequestEntryTypeDef as DeleteTypeDef
    from mypy_boto3_sqs.type_defs import MessageTypeDef

KILLED: Final = "workers: killed in mid-batch"

_LOOK_EVERY_SECONDS: Final = 0.1
_SCHEDULE_SECONDS: Final = 1.0
_MOST_AT_ONCE: Final = 10


@dataclass
class Tally:
    """What happened to invocations, by kind; shared by all mappings."""

    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, number: int = 1) -> None:
        """Count one more of a kind."""
        with self._lock:
            self.counts[kind] += number


class Loop:
    """Does something again and again in a thread of its own, until it is stopped; it rests when there was nothing."""

    def __init__(self, worker: Worker, step: Callable[[], bool], rest_seconds: float) -> None:
        self.worker = worker
        self._step = step
        self._rest_seconds = rest_seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=worker.function.folder, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let it finish what it is at, and end its worker."""
        self._stopped.set()
        self._thread.join()
        self.worker.stop()

    def _run(self) -> None:
        while not self._stopped.is_set():
            if not self._step():
                self._stopped.wait(self._rest_seconds)


def schedule(worker: Worker, tally: Tally) -> Loop:
    """Invoke once a second: the template's minute."""

    def step() -> bool:
        invoked(worker, {}, tally)
        return False

    return Loop(worker, step, _SCHEDULE_SECONDS)


def mapping(sqs: SQSClient, handler: Handler, worker: Worker, tally: Tally) -> Loop:
    """Be an event source mapping with one worker."""
    return Loop(worker, SourceMapping(sqs, handler, worker, tally).step, _LOOK_EVERY_SECONDS)


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """What an event source mapping does with a queue."""

    sqs: SQSClient
    handler: Handler
    worker: Worker
    tally: Tally

    def step(self) -> bool:
        """Work on the next batch; tell whether there was one."""
        messages = self._received()
        if messages:
            self._work(messages)
        return bool(messages)

    def _received(self) -> Messages:
        messages: list[MessageTypeDef] = []
        while (most := min(_MOST_AT_ONCE, self.handler.most - len(messages))) and (more := self._receive(most)):
            messages += more
        return messages

    def _receive(self, most: int) -> Messages:
        answer = self.sqs.receive_message(
            QueueUrl=self.handler.queue_url, MaxNumberOfMessages=most, AttributeNames=["All"]
        )
        return answer.get("Messages", [])

    def _work(self, messages: Messages) -> None:
        again = [message for message in messages if int(message["Attributes"]["ApproximateReceiveCount"]) > 1]
        self.tally.add("messages received again", len(again))
        answers = invoked(self.worker, self.handler.event(messages), self.tally)
        for answer in answers:
            undone = self.handler.undone(messages, answer)
            self._delete([message for message in messages if message["MessageId"] not in undone])
        if not answers:
            self._give_back(messages)

    def _delete(self, messages: Messages) -> None:
        for start in range(0, len(messages), _MOST_AT_ONCE):
            entries: list[DeleteTypeDef] = [
                {"Id": str(at), "ReceiptHandle": message["ReceiptHandle"]}
                for at, message in enumerate(messages[start : start + _MOST_AT_ONCE])
            ]
            self.sqs.delete_message_batch(QueueUrl=self.handler.queue_url, Entries=entries)

    def _give_back(self, messages: Messages) -> None:
        """Let messages be received again at once: their visibility timeout is long, so that it bounds only a fault."""
        for start in range(0, len(messages), _MOST_AT_ONCE):
            entries: list[ChangeTypeDef] = [
                {"Id": str(at), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
                for at, message in enumerate(messages[start : start + _MOST_AT_ONCE])
            ]
            self.sqs.change_message_visibility_batch(QueueUrl=self.handler.queue_url, Entries=entries)


def invoked(worker: Worker, event: object, tally: Tally) -> Sequence[Any]:
    """Invoke; give the answer, if there is one."""
    tally.add("invocations")
    try:
        return [worker.invoke(event)]
    except WorkerDiedError as death:
        tally.add("workers: died at their timeout" if death.is_timeout else KILLED)
    except HandlerFailedError as failure:
        tally.add(f"handlers: raised {str(failure).partition(':')[0]}")
    return []
