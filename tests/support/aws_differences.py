"""Where MiniStack or moto differs from AWS, as AWS documents it: the table that both are held to.

`tests/contract/test_aws_differences.py` sends each request to both and compares the answers with this table, so an
entry fails as soon as either of them learns better. A contract test that moto cannot pass stands with its entry in
`needs`, and is skipped on moto; remove the entry when moto has learned the operation, and the test runs there too.

Requests that both answer as AWS documents are not here: the contract suites hold those. Several adapters rely on AWS
where MiniStack is wrong, and it is moto alone that shows them right: `DelaySeconds`, `VisibilityTimeout`, the 16 MB of
BatchGetItem, and a secret without a value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from botocore.exceptions import ClientError  # noqa: TID251 - it compares what AWS answers

from tests.support.builders import an_entity_row
from tests.support.clouds import MINISTACK, MOTO
from tests.support.ledger_table import new_ledger_table
from tests.support.moto_aws import ledger_in, put_rows
from tests.support.queues import arn_of, new_queue
from trigger_provider.adapters.dynamodb.statements import deleting, saving
from trigger_provider.domain.aws_limits import EVENTBRIDGE_ENTRY_BYTES, SQS_MESSAGE_BYTES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

    from tests.sandbox.aws import Clients

NEITHER: Final = "neither"
"""`right` of an entry that both answer otherwise than AWS."""


class Difference(NamedTuple):
    """A request, what AWS documents of it and where, and what each local AWS answers.

    An answer is the code of an error, the name of an exception that moto raises, or a few words of the probe. `right`
    names the local AWS that answers as documented. `needs` are the contract tests that moto skips because of it.
    """

    request: str
    documented: str
    ministack: str
    moto: str
    right: str
    probe: Callable[[Clients], str]
    needs: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Return why moto skips the tests of this entry."""
        return f"moto, {self.request}: {self.moto}"

    def answer(self, clients: Clients) -> str:
        """Send the request, and return its answer."""
        try:
            return self.probe(clients)
        except ClientError as error:
            return error.response["Error"]["Code"]
        except Exception as error:  # noqa: BLE001 - moto raises whatever it stumbles over
            return type(error).__name__


# DynamoDB


def insert(clients: Clients) -> str:
    """Insert a row as the ledger does."""
    return _run(clients, saving(new_ledger_table(clients.dynamodb), an_entity_row()))


def update(clients: Clients) -> str:
    """Replace a row as the ledger does."""
    table, row = _row_in(clients)
    return _run(clients, saving(table, replace(row, revision=2, token="next")))


def delete(clients: Clients) -> str:
    """Delete a row as the archive does."""
    table, row = _row_in(clients)
    return _run(clients, deleting(table, row))


def run_26_statements(clients: Clients) -> str:
    """Read 26 rows in one batch of statements."""
    text = f'SELECT * FROM "{new_ledger_table(clients.dynamodb)}" WHERE "pk" = ? AND "sk" = ?'  # noqa: S608 - our own words
    statements: Any = [{"Statement": text, "Parameters": [{"S": str(number)}, {"S": "a"}]} for number in range(26)]
    return f"{len(clients.dynamodb.batch_execute_statement(Statements=statements)['Responses'])} answers"


def read_17_mb(clients: Clients) -> str:
    """Load rows that together exceed 16 MB as the ledger does, which asks again for the keys that AWS leaves out."""
    rows = [an_entity_row(str(number), payload="x" * 390_000) for number in range(44)]
    table = new_ledger_table(clients.dynamodb)
    put_rows(clients.dynamodb, table, rows)
    with _counted(clients.dynamodb, "BatchGetItem") as requests:
        loaded = ledger_in(clients, table).load_many(row.key for row in rows)
    return f"requests: {len(requests)}" if loaded == {row.key: row for row in rows} else "rows are missing"


@contextmanager
def _counted(dynamodb: DynamoDBClient, operation: str) -> Iterator[list[object]]:
    """Record the requests of an operation."""
    requests: list[object] = []
    record = lambda params, **_: requests.append(params)  # noqa: E731 - boto3 passes more than it needs
    event = f"before-call.dynamodb.{operation}"
    dynamodb.meta.events.register(event, record)
    yield requests
    dynamodb.meta.events.unregister(event, record)


def put_39_digits(clients: Clients) -> str:
    """Put a row whose version has a digit too many."""
    put_rows(clients.dynamodb, new_ledger_table(clients.dynamodb), [an_entity_row(version=10**38 + 1)])
    return "accepted"


def _row_in(clients: Clients) -> tuple[str, Any]:
    table, row = new_ledger_table(clients.dynamodb), an_entity_row()
    put_rows(clients.dynamodb, table, [row])
    return table, row


def _run(clients: Clients, statement: Any) -> str:  # noqa: ANN401 - a statement of the adapter
    (response,) = clients.dynamodb.batch_execute_statement(Statements=[statement])["Responses"]
    return response["Error"]["Code"] if "Error" in response else "done"


# SQS


def send_control_character(clients: Clients) -> str:
    """Send a body with a character that XML forbids."""
    return _send(clients, MessageBody="a\u0000b")


def send_empty_body(clients: Clients) -> str:
    """Send a message without a body."""
    return _send(clients, MessageBody="")


def send_empty_attribute(clients: Clients) -> str:
    """Send a message whose attribute is empty."""
    return _send(clients, MessageBody="a", MessageAttributes=_attribute(""))


def send_many_bytes_in_few_characters(clients: Clients) -> str:
    """Send a body that exceeds the limit in bytes, not in characters."""
    return _send(clients, MessageBody="ż" * (SQS_MESSAGE_BYTES // 2 + 1))


def send_attributes_beyond_the_limit(clients: Clients) -> str:
    """Send a body that fills a message, and an attribute."""
    return _send(clients, MessageBody="x" * SQS_MESSAGE_BYTES, MessageAttributes=_attribute("a"))


def send_with_long_delay(clients: Clients) -> str:
    """Send a message that waits a second longer than SQS allows."""
    return _send(clients, MessageBody="a", DelaySeconds=901)


def hide_for_too_long(clients: Clients) -> str:
    """Return a message to its queue for a second longer than SQS allows."""
    url, receipt = _received(clients)
    clients.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=43_201)
    return "accepted"


def delete_twice(clients: Clients) -> str:
    """Delete a message that is deleted already."""
    url, receipt = _received(clients)
    clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
    clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
    return "accepted"


def delete_by_older_receipt(clients: Clients) -> str:
    """Delete a message by the receipt of the receive before the last one."""
    url, receipt = _received(clients)
    clients.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
    clients.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)
    clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
    return "accepted"


def move_dead_letters(clients: Clients) -> str:
    """Have SQS move messages off a dead-letter queue."""
    dead_letters = arn_of(clients.sqs, new_queue(clients.sqs))
    new_queue(clients.sqs, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": 1}))
    clients.sqs.start_message_move_task(SourceArn=dead_letters)
    return "accepted"


def _send(clients: Clients, **message: Any) -> str:  # noqa: ANN401 - any field of a message
    clients.sqs.send_message(QueueUrl=new_queue(clients.sqs), **message)
    return "accepted"


def _attribute(text: str) -> Any:  # noqa: ANN401 - of the request
    return {"rule": {"DataType": "String", "StringValue": text}}


def _received(clients: Clients) -> tuple[str, str]:
    url = new_queue(clients.sqs)
    clients.sqs.send_message(QueueUrl=url, MessageBody="a")
    (message,) = clients.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    return url, message["ReceiptHandle"]


# EventBridge


def deliver_envelope(clients: Clients) -> str:
    """Say whether the envelope that a rule delivers has an account."""
    bus = _bus(clients)
    url = _rule(clients, bus)
    _put(clients, bus)
    return "with account" if "account" in json.loads(_body(clients, url)) else "without account"


def deliver_input(clients: Clients) -> str:
    """Say what a target gets that asks for a text of its own."""
    bus = _bus(clients)
    url = _rule(clients, bus, target={"Input": '{"shards":[0]}'})
    _put(clients, bus)
    return "the input" if _body(clients, url) == '{"shards":[0]}' else "the event"


def deliver_by_disabled_rule(clients: Clients) -> str:
    """Say whether a disabled rule delivers what an enabled one does."""
    bus = _bus(clients)
    disabled, enabled = _rule(clients, bus, State="DISABLED"), _rule(clients, bus)
    _put(clients, bus)
    _body(clients, enabled)
    return "delivered" if "Messages" in clients.sqs.receive_message(QueueUrl=disabled) else "not delivered"


def put_on_unknown_bus(clients: Clients) -> str:
    """Put an event on a bus that does not exist."""
    return _put(clients, f"bus-{uuid4()}")


def put_malformed_detail(clients: Clients) -> str:
    """Put an event whose detail is no JSON."""
    return _put(clients, _bus(clients), Detail="not json")


def put_more_than_a_megabyte(clients: Clients) -> str:
    """Put an event whose entry exceeds the limit in bytes, not in characters."""
    return _put(clients, _bus(clients), Detail=json.dumps({"a": "ж" * (EVENTBRIDGE_ENTRY_BYTES // 2)}))


def put_without_source(clients: Clients) -> str:
    """Put an event without a source after a good one."""
    bus = _bus(clients)
    bad = {"EventBusName": bus, "DetailType": "d", "Detail": "{}"}
    entries: Any = [{**bad, "Source": "s"}, bad]
    _, result = clients.events.put_events(Entries=entries)["Entries"]
    return result.get("ErrorCode", "accepted")


def _bus(clients: Clients) -> str:
    name = f"bus-{uuid4()}"
    clients.events.create_event_bus(Name=name)
    return name


def _rule(clients: Clients, bus: str, target: dict[str, str] | None = None, **rule: Any) -> str:  # noqa: ANN401 - of the request
    """Make a rule with a queue as its target, and return the queue's address."""
    name, url = f"rule-{uuid4()}", new_queue(clients.sqs)
    targets: Any = [{"Id": "queue", "Arn": arn_of(clients.sqs, url), **(target or {})}]
    clients.events.put_rule(Name=name, EventBusName=bus, EventPattern='{"source": ["s"]}', **rule)
    clients.events.put_targets(Rule=name, EventBusName=bus, Targets=targets)
    return url


def _put(clients: Clients, bus: str, **changes: str) -> str:
    entry: Any = {"EventBusName": bus, "Source": "s", "DetailType": "d", "Detail": "{}", **changes}
    (result,) = clients.events.put_events(Entries=[entry])["Entries"]
    return result.get("ErrorCode", "accepted")


def _body(clients: Clients, url: str) -> str:
    (message,) = clients.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    return message["Body"]


# Secrets Manager


def read_secret_without_value(clients: Clients) -> str:
    """Read a secret that was made without a value."""
    name = f"secret-{uuid4()}"
    clients.secrets.create_secret(Name=name)
    clients.secrets.get_secret_value(SecretId=name)
    return "no value"


INSERTS: Final = (
    "test_no_rows_are_saved_without_conflict",
    "test_a_row_that_is_there_is_not_inserted_again",
    "test_an_insert_over_a_later_revision_is_a_conflict_even_with_its_token",
    "test_an_insert_that_is_tried_again_counts_as_saved",
    "test_a_row_without_a_token_is_nobodys",
    "test_60_rows_are_saved_in_one_go_and_only_the_taken_ones_are_named",
    "test_two_rows_of_one_key_are_not_saved_together",
    "test_a_save_that_is_tried_again_counts_as_saved",
    "test_one_site_is_not_saved_twice_at_once",
    "test_an_insert_over_a_row_fails_alone_as_a_duplicate",
    "test_a_batch_holds_25_statements_and_no_more",
)
UPDATES: Final = (
    "test_a_row_is_replaced_by_its_next_revision",
    "test_a_replacement_that_is_tried_again_counts_as_saved",
    "test_a_row_that_somebody_else_changed_is_left_as_it_is",
    "test_no_revision_may_be_left_out",
    "test_a_row_that_is_gone_is_not_made_anew",
    "test_each_row_of_one_save_stands_for_itself",
    "test_an_occurrence_that_was_read_without_its_payload_keeps_it_when_it_is_saved",
    "test_what_becomes_none_or_empty_is_removed",
    "test_what_a_site_loses_is_gone",
    "test_each_site_is_saved_over_the_revision_before_or_named",
    "test_an_update_of_another_revision_fails_alone_and_shows_the_row",
    "test_an_update_never_makes_a_row",
    "test_a_wait_is_ended_by_what_the_index_shows_of_the_row",
    "test_a_wait_of_a_row_that_has_changed_since_is_not_ended_and_keeps_no_other",
)
DELETES: Final = ("test_rows_are_forgotten_and_those_that_changed_meanwhile_are_not",)

DIFFERENCES: Final = [
    Difference(
        "PartiQL INSERT with parameters",
        "BatchExecuteStatement takes Parameters for each statement (DynamoDB API, BatchStatementRequest)",
        "done", "TypeError", MINISTACK, insert, INSERTS,
    ),
    Difference(
        "PartiQL UPDATE with parameters",
        "BatchExecuteStatement takes Parameters for each statement (DynamoDB API, BatchStatementRequest)",
        "done", "AssertionError", MINISTACK, update, UPDATES,
    ),
    Difference(
        "PartiQL DELETE with parameters",
        "BatchExecuteStatement takes Parameters for each statement (DynamoDB API, BatchStatementRequest)",
        "done", "AssertionError", MINISTACK, delete, DELETES,
    ),
    Difference(
        "26 PartiQL statements in one batch",
        "Statements has at most 25 members (DynamoDB API, BatchExecuteStatement)",
        "ValidationException", "26 answers", MINISTACK, run_26_statements,
    ),
    Difference(
        "BatchGetItem beyond 16 MB",
        "It returns up to 16 MB, and the other keys as UnprocessedKeys (DynamoDB API, BatchGetItem)",
        "requests: 1", "requests: 2", MOTO, read_17_mb,
    ),
    Difference(
        "a number of 39 digits",
        "Numbers have up to 38 digits; more result in an exception (DynamoDB guide, data types)",
        "ValidationException", "accepted", MINISTACK, put_39_digits,
    ),
    Difference(
        "a control character in a message",
        "SQS rejects the message with InvalidMessageContents (SQS API, SendMessage)",
        "InvalidMessageContents", "accepted", MINISTACK, send_control_character,
    ),
    Difference(
        "an empty message",
        "The minimum size is one character (SQS API, SendMessage)",
        "MissingParameter", "accepted", MINISTACK, send_empty_body,
    ),
    Difference(
        "an empty attribute of a message",
        "Name, type, value and body must not be empty (SQS API, MessageAttributeValue)",
        "accepted", "accepted", NEITHER, send_empty_attribute,
    ),
    Difference(
        "a message of more than 1 MiB in fewer characters",
        "The maximum size is 1,048,576 bytes (SQS API, SendMessage)",
        "InvalidParameterValue", "accepted", MINISTACK, send_many_bytes_in_few_characters,
    ),
    Difference(
        "a message of 1 MiB with an attribute",
        "All parts of an attribute count towards the size of the message (SQS API, MessageAttributeValue)",
        "accepted", "accepted", NEITHER, send_attributes_beyond_the_limit,
    ),
    Difference(
        "DelaySeconds of 901",
        "Valid values are 0 to 900 (SQS API, SendMessage)",
        "accepted", "InvalidParameterValue", MOTO, send_with_long_delay,
    ),
    Difference(
        "VisibilityTimeout of 43,201",
        "Values range from 0 to 43200 (SQS API, ChangeMessageVisibility)",
        "accepted", "InvalidParameterValue", MOTO, hide_for_too_long,
    ),
    Difference(
        "DeleteMessage of a deleted message",
        "With an old receipt the request succeeds (SQS API, DeleteMessage)",
        "ReceiptHandleIsInvalid", "accepted", MOTO, delete_twice,
    ),
    Difference(
        "DeleteMessage by an older receipt",
        "The request succeeds, but the message might not be deleted (SQS API, DeleteMessage)",
        "ReceiptHandleIsInvalid", "accepted", MOTO, delete_by_older_receipt,
    ),
    Difference(
        "StartMessageMoveTask",
        "It moves the messages of a dead-letter queue (SQS API, StartMessageMoveTask)",
        "InvalidAction", "NotImplementedError", NEITHER, move_dead_letters,
    ),
    Difference(
        "the account of an event",
        "Every event has the field account (EventBridge reference, event structure)",
        "with account", "without account", MINISTACK, deliver_envelope,
        ("test_an_event_on_a_bus_has_an_id_a_time_and_an_account",),
    ),
    Difference(
        "Input of a rule's target",
        "The target gets the text, and nothing of the event (EventBridge API, Target)",
        "the input", "the event", MINISTACK, deliver_input,
    ),
    Difference(
        "a disabled rule",
        "EventBridge matches no events against it (EventBridge API, PutRule)",
        "not delivered", "delivered", MINISTACK, deliver_by_disabled_rule,
    ),
    Difference(
        "PutEvents to an unknown bus",
        "EventBridge drops the event and answers 200 without a failed entry (EventBridge guide, PutEvents)",
        "accepted", "ResourceNotFoundException", MINISTACK, put_on_unknown_bus,
    ),
    Difference(
        "PutEvents of a detail that is no JSON",
        "The entry fails with MalformedDetail (EventBridge API, PutEventsResultEntry)",
        "accepted", "MalformedDetail", MOTO, put_malformed_detail,
    ),
    Difference(
        "PutEvents of more than 1 MB",
        "The total entry size must be less than 1 MB (EventBridge API, PutEvents)",
        "accepted", "accepted", NEITHER, put_more_than_a_megabyte,
    ),
    Difference(
        "PutEvents without a source",
        "EventBridge fails an entry without Detail, DetailType or Source (EventBridge API, PutEventsRequestEntry)",
        "accepted", "InvalidArgument", MOTO, put_without_source,
    ),
    Difference(
        "GetSecretValue of a secret without a value",
        "A secret has no version before it has a value; the error is ResourceNotFoundException "
        "(Secrets Manager API, CreateSecret and GetSecretValue)",
        "no value", "ResourceNotFoundException", MOTO, read_secret_without_value,
    ),
]  # fmt: skip
