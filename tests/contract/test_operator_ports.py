"""What the command line needs of DynamoDB, SQS and CloudFormation, in memory and in a local AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.builders import an_entity_row, an_occurrence
from tests.support.clouds import EVERYWHERE, IN_MEMORY, clients_of
from tests.support.ledger_table import new_ledger_table
from tests.support.memory_archive import MemoryArchive
from tests.support.memory_dead_letters import MemoryInbox, MemorySetAside
from tests.support.memory_ledger import MemoryLedger
from tests.support.moto_aws import ledger_in
from tests.support.noise import noise
from tests.support.queues import new_queue
from tests.support.rows import ACCEPTED_AT, SITE, TRIGGER
from tests.support.waiting import AN_HOUR_SECONDS, PATIENCE_SECONDS
from trigger_provider.adapters.aws.stack import DeployedStack, StackUnavailable, look_up
from trigger_provider.adapters.dynamodb.archive import DynamoDbArchive
from trigger_provider.adapters.sqs.dead_letter_queues import SqsDeadLetterQueue, SqsInbox
from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES
from trigger_provider.domain.intake.message_body import BODY_ENCODING, EVEN_IF_TOO_OLD, GZIP_BASE64, unpack
from trigger_provider.domain.ledger.rows import Row, RowKey, State
from trigger_provider.domain.operations.dead_letter import FIRST_SENT
from trigger_provider.domain.operations.values import DeadLetter, InboxMessage, RowFilter
from trigger_provider.errors import LedgerUnavailable, QueueUnavailable
from trigger_provider.use_cases.ports.ledger import Ledger
from trigger_provider.use_cases.ports.operator import Archive, DeadLetterQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

    from tests.sandbox.aws import Clients, MiniStack
    from tests.support.aws import Script

pytest_plugins = ["tests.support.aws"]

OTHER = "9b1f5f0e-54a6-4a0b-8d0e-1f3f6a2c7d90"


# The ledger by other ways than its keys


@dataclass
class Table:
    """A ledger and its archive."""

    ledger: Ledger
    archive: Archive

    def put(self, *rows: Row) -> None:
        assert self.ledger.save_many(rows) == frozenset()

    def find(self, **wanted: Any) -> set[RowKey]:  # noqa: ANN401 - any field of Wanted
        return {key for page in self.archive.find(RowFilter(**{"site": SITE, **wanted})) for key in page.keys}


@pytest.fixture(params=EVERYWHERE)
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == IN_MEMORY:
        memory = MemoryLedger()
        return Table(memory, MemoryArchive(memory))
    clients = clients_of(request)
    name = new_ledger_table(clients.dynamodb)
    return Table(ledger_in(clients, name), DynamoDbArchive(clients.dynamodb, name, page_size=2))


def test_a_partition_is_given_whole_and_without_its_neighbours(table: Table) -> None:
    rows = [an_entity_row(), an_occurrence("visit 1", "invoice 1"), an_occurrence("visit 2", "invoice 1")]
    table.put(*rows, an_entity_row("invoice 2"))

    seen = table.archive.partition(rows[0].key.partition)
    assert sorted(seen, key=lambda row: row.key) == sorted(rows, key=lambda row: row.key)
    assert table.archive.partition("nothing") == []


def test_all_rows_of_a_site_are_found_over_many_pages(table: Table) -> None:
    rows = [an_entity_row(f"invoice {number}") for number in range(40)]
    table.put(*rows, an_entity_row("another site's", site=OTHER))

    assert table.find() == {row.key for row in rows}
    assert sum(page.read for page in table.archive.find(RowFilter(SITE))) == len(rows) + 1


def test_rows_are_found_by_trigger_state_and_time(table: Table) -> None:
    rows = {
        "failed": an_entity_row("1", state=State.FAILED),
        "rejected": an_entity_row("2", state=State.REJECTED, accepted_at=ACCEPTED_AT + 1),
        "reported": an_entity_row("3", state=State.REPORTED, accepted_at=ACCEPTED_AT + 2),
        "another trigger": an_entity_row("4", trigger="another", state=State.FAILED),
    }
    table.put(*rows.values())

    def names(**wanted: Any) -> set[str]:  # noqa: ANN401 - any field of Wanted
        seen = table.find(**wanted)
        return {name for name, row in rows.items() if row.key in seen}

    assert names(trigger=TRIGGER) == {"failed", "rejected", "reported"}
    assert names(states=frozenset({State.FAILED, State.REJECTED})) == {"failed", "rejected", "another trigger"}
    assert names(since=ACCEPTED_AT + 1) == {"rejected", "reported"}
    assert names(until=ACCEPTED_AT + 1) == {"failed", "another trigger"}
    assert names(trigger=TRIGGER, states=frozenset({State.FAILED}), since=ACCEPTED_AT, until=ACCEPTED_AT + 9) == {
        "failed"
    }


def test_an_empty_ledger_has_nothing_to_find(table: Table) -> None:
    assert (table.find(), table.archive.size()) == (set(), 0)


def test_every_row_is_read_with_all_its_fields(table: Table) -> None:
    rows = [an_entity_row(f"invoice {number}") for number in range(9)] + [an_occurrence()]
    table.put(*rows)

    read = {row.key: row for page in table.archive.pages() for row in page}
    assert read == table.ledger.load_many(row.key for row in rows)


def test_a_search_that_is_left_early_leaves_nothing_behind(table: Table) -> None:
    table.put(*(an_entity_row(f"invoice {number}") for number in range(40)))

    assert next(iter(table.archive.find(RowFilter(SITE)))).read >= 0
    assert len(table.find()) == 40


def test_rows_are_forgotten_and_those_that_changed_meanwhile_are_not(table: Table) -> None:
    rows = [an_entity_row(f"invoice {number}") for number in range(30)]
    changed = replace(rows[0], revision=2, reason="changed")
    table.put(*rows)
    table.put(changed)

    assert table.archive.forget(rows) == {changed.key}
    assert table.find() == {changed.key}
    assert table.archive.forget([changed]) == frozenset()
    assert table.archive.forget([changed]) == frozenset()
    assert table.find() == set()


def test_a_scan_that_dynamodb_refuses_is_told_by_its_code(cloud: Clients) -> None:
    with pytest.raises(LedgerUnavailable, match=r"^Scan: ResourceNotFoundException$"):
        list(DynamoDbArchive(cloud.dynamodb, "no-such-table").find(RowFilter(SITE)))


# Queues of what was set aside


@dataclass
class Queue:
    """A queue, and a way to put messages on it; what is received is held for longer than any test takes."""

    queue: DeadLetterQueue
    put: Callable[[Sequence[str]], None]

    def bodies(self) -> list[str]:
        return sorted(letter.body for letter in self.received())

    def received(self) -> list[DeadLetter]:
        seen: list[DeadLetter] = []
        while some := self.queue.receive(int(AN_HOUR_SECONDS)):
            seen += some
        return seen


@pytest.fixture(params=EVERYWHERE)
def queue(request: pytest.FixtureRequest) -> Queue:
    if request.param == IN_MEMORY:
        memory = MemorySetAside()
        return Queue(memory, lambda bodies: memory.put(*(DeadLetter(body, "", body, ACCEPTED_AT) for body in bodies)))
    sqs = clients_of(request).sqs
    url = new_queue(sqs)

    def put(bodies: Sequence[str]) -> None:
        for body in bodies:
            sqs.send_message(QueueUrl=url, MessageBody=body)

    return Queue(SqsDeadLetterQueue(sqs, url), put)


def test_every_message_is_received_once_while_it_is_held(queue: Queue) -> None:
    bodies = [f"body {number:02}" for number in range(25)]
    queue.put(bodies)

    assert queue.bodies() == bodies
    assert queue.bodies() == []


def test_what_is_given_back_comes_again_at_once_and_what_is_done_never(queue: Queue) -> None:
    queue.put(["done", "given back"])
    receipts = {letter.body: letter.receipt for letter in queue.received()}
    queue.queue.done([receipts["done"]])
    queue.queue.give_back([(receipts["given back"], 0)])

    assert queue.bodies() == ["given back"]


def test_a_message_is_told_with_its_attributes_its_group_and_the_time_it_was_sent(
    cloud: Clients, queue_url: str
) -> None:
    cloud.sqs.send_message(
        QueueUrl=queue_url,
        MessageBody="body",
        MessageGroupId=SITE,
        MessageAttributes={"rule": {"DataType": "String", "StringValue": "required"}},
    )
    (letter,) = SqsDeadLetterQueue(cloud.sqs, queue_url).receive(30)

    assert (letter.body, letter.attributes, letter.group) == ("body", {"rule": "required"}, SITE)
    assert letter.sent_at > ACCEPTED_AT


def test_a_queue_that_is_gone_is_told_by_its_code(cloud: Clients, queue_url: str) -> None:
    with pytest.raises(QueueUnavailable, match=r"^ReceiveMessage: .*NonExistentQueue"):
        SqsDeadLetterQueue(cloud.sqs, f"{queue_url}-gone").receive(30)


# The inbox


def test_a_letter_carries_its_first_time_so_that_replays_do_not_make_it_young(cloud: Clients, queue_url: str) -> None:
    SqsInbox(cloud.sqs, queue_url).send([InboxMessage("one", ACCEPTED_AT, SITE), InboxMessage("two", ACCEPTED_AT)])
    values = {letter.body: letter for letter in SqsDeadLetterQueue(cloud.sqs, queue_url).receive(30)}

    assert {body: letter.attributes for body, letter in values.items()} == {
        "one": {FIRST_SENT: str(ACCEPTED_AT)},
        "two": {FIRST_SENT: str(ACCEPTED_AT)},
    }
    assert (values["one"].group, values["two"].group) == (SITE, None)


@pytest.mark.parametrize("letter", ["x", "ж", "買"])
def test_a_letter_of_a_megabyte_arrives_whole_and_says_how_it_is_packed(
    cloud: Clients, queue_url: str, letter: str
) -> None:
    body = letter * (SQS_MESSAGE_BYTES // len(letter.encode()))
    SqsInbox(cloud.sqs, queue_url).send([InboxMessage(body, ACCEPTED_AT, SITE, is_forced=True)])
    (message,) = SqsDeadLetterQueue(cloud.sqs, queue_url).receive(30)

    marks = {FIRST_SENT: str(ACCEPTED_AT), EVEN_IF_TOO_OLD: "true", BODY_ENCODING: GZIP_BASE64}
    assert message.attributes == marks
    assert unpack(message.body, message.attributes) == body


def test_a_letter_that_no_message_holds_is_not_sent(sqs_script: Script[SQSClient]) -> None:
    for inbox in (SqsInbox(sqs_script.client, "queue"), MemoryInbox()):
        with pytest.raises(ValueError, match="holds this"):
            inbox.send([InboxMessage(noise(SQS_MESSAGE_BYTES + 1), ACCEPTED_AT)])
    assert sqs_script.requests == []


def test_25_letters_all_arrive(cloud: Clients, queue_url: str) -> None:
    letters = [InboxMessage(f"body {number:02}", ACCEPTED_AT, SITE) for number in range(25)]
    SqsInbox(cloud.sqs, queue_url).send(letters)

    arrived = Queue(SqsDeadLetterQueue(cloud.sqs, queue_url), lambda _: None).bodies()
    assert arrived == [letter.body for letter in letters]


def test_the_fake_of_the_inbox_takes_all_or_raises() -> None:
    inbox = MemoryInbox()
    inbox.send([InboxMessage("one", ACCEPTED_AT)])
    inbox.down = True
    with pytest.raises(QueueUnavailable):
        inbox.send([InboxMessage("two", ACCEPTED_AT)])
    assert [letter.body for letter in inbox.sent] == ["one"]


# The stack

TEMPLATE = {
    "Parameters": {"WixAppId": {"Type": "String", "Default": "an app"}},
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {"InboxQueueUrl": {"Value": {"Ref": "Queue"}}},
}


def test_a_stack_is_found_by_its_name_with_outputs_and_parameters(aws: MiniStack) -> None:
    client = aws.clients.cloudformation
    client.create_stack(StackName="operated", TemplateBody=json.dumps(TEMPLATE))
    client.get_waiter("stack_create_complete").wait(
        StackName="operated", WaiterConfig={"Delay": 1, "MaxAttempts": int(PATIENCE_SECONDS)}
    )
    stack = look_up(client, "operated")

    assert "Queue" in stack.output("InboxQueueUrl")
    assert stack.parameter("WixAppId") == "an app"


def test_a_stack_that_is_not_there_is_named_with_the_code(aws: MiniStack) -> None:
    with pytest.raises(StackUnavailable, match=r"^DescribeStacks of nowhere: ValidationError$"):
        look_up(aws.clients.cloudformation, "nowhere")


def test_no_answer_at_all_is_told_by_its_kind(nowhere: Clients) -> None:
    with pytest.raises(StackUnavailable, match="EndpointConnectionError"):
        look_up(nowhere.cloudformation, "operated")


@pytest.mark.parametrize("kind", ["output", "parameter"])
def test_a_stack_of_an_older_template_says_what_it_lacks(kind: str) -> None:
    with pytest.raises(StackUnavailable, match=f"no {kind} InboxQueueUrl"):
        getattr(DeployedStack({}, {}), kind)("InboxQueueUrl")
