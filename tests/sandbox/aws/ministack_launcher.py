"""MiniStack with six corrections, run by MiniStack's own interpreter.

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
from ministack.services import lambda_svc, sqs
from ministack.services._dynamodb_keywords import parse_statement

Check = tuple[str, str]

QUIET_SECONDS = 0.1
routing = threading.Lock()
WINDOW_SECONDS = 1

action_by_name = iam_actions.extract_iam_action
transaction_checks = iam_actions.dynamodb_transaction_checks
receive_at_most_ten = sqs._receive_messages_for_esm  # noqa: SLF001 - what is corrected is theirs
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


def route_failure(target_arn: str, *call: object) -> None:
    with routing:
        route_as_written(target_arn, *call)
        queue = sqs._queue_by_arn(target_arn)  # noqa: SLF001 - the same
        if queue and queue["messages"]:
            write_plainly(queue["messages"], int(queue["attributes"]["MaximumMessageSize"]))


def write_plainly(messages: list[dict[str, Any]], most_bytes: int) -> None:
    record = messages[-1]
    body = json.dumps(json.loads(record["body"]), ensure_ascii=False)
    record |= {"body": body, "md5_body": md5(body.encode(), usedforsecurity=False).hexdigest()}
    if len(body.encode()) > most_bytes:
        messages.remove(record)


def end_with_the_starter() -> None:
    sys.stdin.read()
    subprocess.Popen(["rm", "-rf", os.environ["TMPDIR"]], start_new_session=True)  # noqa: S607 - wherever rm is
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    iam_actions.extract_iam_action = action
    iam_actions.dynamodb_transaction_checks = statement_checks
    sqs._receive_messages_for_esm = receive  # noqa: SLF001 - the same
    lambda_svc._sqs_esm_concurrency = concurrency  # noqa: SLF001 - the same
    lambda_svc._route_async_failure = route_failure  # noqa: SLF001 - the same
    threading.Thread(target=end_with_the_starter, daemon=True).start()
    main()
