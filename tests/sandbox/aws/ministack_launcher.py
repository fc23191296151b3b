"""MiniStack with seven corrections, run by MiniStack's own interpreter.

Where it differs from what AWS documents, and we rely on the difference, AWS's documentation decides:

- With AUTH=true it authorises a batch of PartiQL statements as `dynamodb:BatchExecuteStatement` on `*`. DynamoDB
  authorises each statement as `PartiQLInsert`, `PartiQLUpdate`, `PartiQLDelete` or `PartiQLSelect` on its own table.
- With AUTH=true it authorises batches of SQS as `sqs:SendMessageBatch` and so on. SQS knows no such actions; it
  authorises them as `sqs:SendMessage`, `sqs:DeleteMessage` and `sqs:ChangeMessageVisibility`.
- It gives a function at most ten messages of a queue at once. Lambda gives as many as the mapping's BatchSize, up to
  10,000, where the mapping has a batching window.
- It waits for no batching window, and so tears a batch apart that is still being sent. Here it waits until a queue has
  been quiet for a moment, and at most for our mappings' window.
- It compares a mapping's MaximumConcurrency as the text that a template's parameter is. CloudFormation reads a number.
- It invokes a function for a rule once, and forgets an event on which it failed. EventBridge invokes asynchronously, so
  that the function's retries and its on-failure destination hold.
- It puts its record of a failed invocation on any queue, however large it is, with each character beyond ASCII escaped.
  Lambda's record counts in bytes like any message, and one that is too large for its queue is lost.

The launcher ends, with every Lambda worker and every file of it, as soon as its standard input closes: so it can't
outlive who started it, however that one ended.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import md5
from typing import Any

from ministack.app import main
from ministack.core import iam_actions
from ministack.services import eventbridge, lambda_svc, sqs
from ministack.services._dynamodb_keywords import parse_statement

Check = tuple[str, str]

QUIET_SECONDS = 0.1
routing = threading.local()
WINDOW_SECONDS = 1

action_by_name = iam_actions.extract_iam_action
transaction_checks = iam_actions.dynamodb_transaction_checks
receive_at_most_ten = sqs._receive_messages_for_esm  # noqa: SLF001 - what is corrected is theirs
queue_by_arn = sqs._queue_by_arn  # noqa: SLF001 - the same
route_as_written = lambda_svc._route_async_failure  # noqa: SLF001 - the same
concurrency_as_written = lambda_svc._sqs_esm_concurrency  # noqa: SLF001 - the same


def action(service: str, *call: object) -> str | None:
    name: str | None = action_by_name(service, *call)
    return name.removesuffix("Batch") if name and service == "sqs" else name


def statement_checks(iam_action: str, body: bytes, region: str, account_id: str) -> list[Check]:
    """The actions, each with its resource, that a call needs because of what is in it."""
    if iam_action == "dynamodb:BatchExecuteStatement":
        return list(batch_checks(body, f"arn:aws:dynamodb:{region}:{account_id}:table"))
    checks: list[Check] = transaction_checks(iam_action, body, region, account_id)
    return checks


def batch_checks(body: bytes, tables: str) -> Iterator[Check]:
    for statement in json.loads(body)["Statements"]:
        try:
            parsed = parse_statement(statement["Statement"], statement.get("Parameters", []))
        except ValueError:
            continue  # it will be refused for what it is, not as forbidden
        yield f"dynamodb:PartiQL{parsed['op'].capitalize()}", f"{tables}/{parsed['table']}"


def receive_now(queue_url: str, most: int) -> list[Any]:
    messages: list[Any] = []
    while len(messages) < most and (more := receive_at_most_ten(queue_url, most - len(messages))):
        messages += more
    return messages


def receive(
    queue_url: str,
    batch_size: int,
    look: Callable[[str, int], list[Any]] = receive_now,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> list[Any]:
    messages: list[Any] = []
    window_ends = clock() + WINDOW_SECONDS
    while more := look(queue_url, batch_size - len(messages)):
        messages += more
        if len(messages) == batch_size or clock() > window_ends:
            break
        sleep(QUIET_SECONDS)
    return messages


def concurrency(mapping: dict[str, Any], *rest: object) -> int:
    scaling = {name: int(value) for name, value in mapping.get("ScalingConfig", {}).items()}
    allowed: int = concurrency_as_written(mapping | {"ScalingConfig": scaling}, *rest)
    return allowed


def invoke_for_rule(arn: str, payload: str) -> None:
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)  # noqa: SLF001 - the same
    if function and config:
        record = lambda_svc._execution_record_for_config(function, config)  # noqa: SLF001 - the same
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))


class FailureRecords:
    """Takes the record of a failed invocation for a queue, as the queue would take any message."""

    def __init__(self, queue: dict[str, Any]) -> None:
        self._queue = queue

    def append(self, record: dict[str, Any]) -> None:
        body = json.dumps(json.loads(record["body"]), ensure_ascii=False)
        if len(body.encode()) <= int(self._queue["attributes"]["MaximumMessageSize"]):
            digest = md5(body.encode(), usedforsecurity=False).hexdigest()
            self._queue["messages"].append(record | {"body": body, "md5_body": digest})


def queue_of(queue_arn: str) -> dict[str, Any] | None:
    queue: dict[str, Any] | None = queue_by_arn(queue_arn)
    return {**queue, "messages": FailureRecords(queue)} if queue and getattr(routing, "is_on", False) else queue


def route_failure(*call: object) -> None:
    routing.is_on = True
    try:
        route_as_written(*call)
    finally:
        routing.is_on = False


def end_with_the_starter() -> None:
    sys.stdin.read()
    subprocess.Popen(["rm", "-rf", os.environ["TMPDIR"]], start_new_session=True)  # noqa: S607 - wherever rm is
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    iam_actions.extract_iam_action = action
    iam_actions.dynamodb_transaction_checks = statement_checks
    sqs._receive_messages_for_esm = receive  # noqa: SLF001 - the same
    lambda_svc._sqs_esm_concurrency = concurrency  # noqa: SLF001 - the same
    sqs._queue_by_arn = queue_of  # noqa: SLF001 - the same
    lambda_svc._route_async_failure = route_failure  # noqa: SLF001 - the same
    eventbridge._dispatch_to_lambda = invoke_for_rule  # noqa: SLF001 - the same
    threading.Thread(target=end_with_the_starter, daemon=True).start()
    main()
