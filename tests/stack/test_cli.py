"""The command line against the deployed stack, as a person runs it: in a process of its own, by the stack's name."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from tests.sandbox.aws.stack import BUILT
from tests.sandbox.business import BILLING, a_form, an_invoice, in_days
from tests.sandbox.environment import STACK, Environment
from tests.sandbox.wix import REPORTS, BadItem, Trouble
from tests.support.at_rest import is_at_rest
from trigger_provider.adapters.dynamodb.archive import DynamoDbArchive
from trigger_provider.domain.ledger.generations import change_count
from trigger_provider.domain.ledger.ids import event_id, generation_id, occurrence_id
from trigger_provider.domain.ledger.rows import Row, ScheduledEntity
from trigger_provider.domain.operations.erasure import TOO_YOUNG


def typed(environment: Environment, *words: str, stack: str = STACK) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing but the environment that `make sandbox` prints."""
    return subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "trigger_provider.cli", "--stack", stack, *words],
        env={**environment.aws.environment, "PYTHONPATH": "tests/fixtures:layers/shared"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def read_json(environment: Environment, *words: str) -> Any:  # noqa: ANN401 - any JSON
    done = typed(environment, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def reported(environment: Environment, site: str, invoice: str, generation: int) -> ScheduledEntity:
    """Wait until Wix holds a generation of an invoice, and nothing older is left to cancel."""
    key = environment.entity(site, "invoice_due", invoice)

    def look() -> ScheduledEntity | None:
        row = environment.row(key)
        is_it = (
            isinstance(row, ScheduledEntity) and row.state == "reported" and change_count(row.generation) == generation
        )
        return row if isinstance(row, ScheduledEntity) and is_it and is_at_rest(row) else None

    return environment.until(f"generation {generation} is reported", look)


def test_a_replayed_invoice_is_live_once_under_a_new_id_and_its_old_one_leads_to_the_whole_history(
    environment: Environment,
) -> None:
    site = environment.new_site()
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 1, in_days(30)))
    row = reported(environment, site, "INV-1", 1)
    dry = read_json(environment, "replay", "row", event_id(row), "--dry-run")
    (done,) = read_json(environment, "replay", "row", event_id(row), "--yes")["rows"]

    assert dry["rows"][0]["replay"] == "new generation"
    assert done["now"] == generation_id(row.key, row.generation + 1)
    assert reported(environment, site, "INV-1", 2).payload == row.payload
    assert [event.external_entity_id for event in environment.wix.live_events(site)] == [
        generation_id(row.key, row.generation + 1)
    ]
    (item,) = read_json(environment, "why", event_id(row))["events"]
    assert item["standing"] == "generation 1 of 2: superseded, and closed at Wix"
    assert (item["entity"], item["state"], item["acknowledged generation"]) == ("INV-1", "reported", 2)
    assert "replayed by a person" in [line["reason"] for line in item["timeline"]]
    assert all("wixRequestId" in line for line in item["timeline"] if line["reason"] == "acknowledged")
    where = ("--site", site, "--trigger", "invoice_due")
    assert read_json(environment, "why", "INV-1", *where)["events"][0]["generation"] == 2


def test_what_wix_rejected_of_a_site_is_replayed_and_not_twice(environment: Environment) -> None:
    site = environment.new_site()
    forms = [a_form(site, number) for number in range(4)]
    key = environment.occurrence(site, "form_submitted", None, forms[0]["id"])
    bad = BadItem("SCHEMA_VALIDATION_FAILED", external_entity_id=occurrence_id(key))
    with environment.wix.faults.during(Trouble.failed_items(bad, site=site), *REPORTS):
        environment.invoke(*forms)
        environment.settled(key, "rejected")
    where = ("--site", site, "--trigger", "form_submitted")
    read_json(environment, "replay", "trigger", *where, "--name", "monday", "--yes")
    again = typed(environment, "replay", "trigger", *where, "--yes")

    anew = environment.settled(
        environment.occurrence(site, "form_submitted", None, f"{forms[0]['id']}~monday"), "reported"
    )
    assert again.returncode == 1
    assert f"it was replayed: see {event_id(anew)}" in again.stdout
    assert len(environment.wix.live_events(site)) == len(forms)


def test_a_failed_event_goes_through_the_inbox_once_more(environment: Environment) -> None:
    site = environment.new_site()
    detail = an_invoice(site, "INV-1", 1, in_days(30))
    envelope = {"source": BILLING, "detail-type": "Invoice Issued", "detail": detail}
    record = {"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": envelope}
    sqs, url = environment.aws.clients.sqs, environment.outputs["FailedEventQueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(record))
    (seen,) = read_json(environment, "replay", "queue", "failed", "--site", site, "--dry-run")["messages"]
    done = read_json(environment, "replay", "queue", "failed", "--site", site, "--yes")

    assert seen["asks"] == [{"trigger": "invoice_due", "site": site}]
    assert (seen["reason"], seen["eligibility"], done["replayed"]) == ("RetriesExhausted", "to replay", 1)
    reported(environment, site, "INV-1", 1)
    assert read_json(environment, "replay", "queue", "failed", "--site", site, "--dry-run")["messages"] == []


def test_an_event_of_nearly_a_megabyte_that_failed_is_replayed_whatever_its_alphabet(environment: Environment) -> None:
    site = environment.new_site()
    detail = {**an_invoice(site, "INV-1", 1, in_days(30)), "notes": "ж" * 500_000}
    with without_the_ledger(environment):
        environment.put_event(BILLING, "Invoice Issued", detail)
        seen = environment.until("the event lies there", lambda: failed_of(environment, site))
    done = read_json(environment, "replay", "queue", "failed", "--site", site, "--yes")

    assert [message["eligibility"] for message in seen] == ["to replay"]
    assert done["replayed"] == 1
    reported(environment, site, "INV-1", 1)


def failed_of(environment: Environment, site: str) -> list[Any]:
    messages: list[Any] = read_json(environment, "replay", "queue", "failed", "--site", site, "--dry-run")["messages"]
    return messages


@contextmanager
def without_the_ledger(environment: Environment) -> Iterator[None]:
    """Take the ledger away from intake_eventbridge for a while, as a deployment that went wrong would."""
    functions, name = environment.aws.clients.functions, environment.outputs["IntakeEventbridgeFunctionName"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**variables, "LEDGER_TABLE_NAME": "nowhere"}}
    )
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def test_every_queue_that_may_be_replayed_is_found_by_the_stacks_outputs(environment: Environment) -> None:
    site = environment.new_site()
    for queue in ("undelivered", "inbox"):
        assert read_json(environment, "replay", "queue", queue, "--site", site, "--dry-run")["messages"] == []


def test_what_wix_holds_of_a_site_is_cancelled_before_it_is_forgotten_a_minute_later(environment: Environment) -> None:
    site = environment.new_site()
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 1, in_days(30)))
    environment.invoke(a_form(site, 1))
    row = reported(environment, site, "INV-1", 1)
    environment.settled(environment.occurrence(site, "form_submitted", None, a_form(site, 1)["id"]), "reported")
    first = typed(environment, "forget", "--site", site, "--cancel-first", "--yes")
    environment.settled(row.key, "cancelled")
    last = typed(environment, "forget", "--site", site, "--yes", "--json")
    (item,) = json.loads(last.stdout)["rows"]

    assert (first.returncode, last.returncode) == (1, 1)
    assert (item["forgotten"], item["held"]) == (False, TOO_YOUNG)
    assert [event.external_entity_id for event in environment.wix.live_events(site, "invoice_due")] == []


def test_what_the_table_lost_is_restored_from_a_backup_and_nothing_stale_stays_live(environment: Environment) -> None:
    site = environment.new_site()
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 1, in_days(30)))
    reported(environment, site, "INV-1", 1)
    with a_restored_copy(environment) as copy:
        environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 2, in_days(40)))
        lost = reported(environment, site, "INV-1", 2)
        forget_rows(environment, lost)
        dry = json.loads(typed(environment, "restore", "--from-table", copy, "--dry-run", "--json").stdout)
        assert typed(environment, "restore", "--from-table", copy, "--yes").returncode == 0

    back = reported(environment, site, "INV-1", 101)
    assert dry["restored"] >= 1
    assert environment.row(lost.key) is not None
    assert back.version < lost.version
    assert [event.external_entity_id for event in environment.wix.live_events(site)] == [event_id(back)]


@contextmanager
def a_restored_copy(environment: Environment) -> Iterator[str]:
    """Back the stack's table up, and restore the backup into a table beside it, for as long as it is needed."""
    dynamodb, copy = environment.aws.clients.dynamodb, f"copy-{uuid4()}"
    backup = dynamodb.create_backup(TableName=environment.outputs["LedgerTableName"], BackupName=copy)
    dynamodb.restore_table_from_backup(TargetTableName=copy, BackupArn=backup["BackupDetails"]["BackupArn"])
    try:
        yield copy
    finally:
        dynamodb.delete_table(TableName=copy)


def forget_rows(environment: Environment, *rows: Row) -> None:
    """Delete rows as a lost table would have lost them."""
    table = environment.outputs["LedgerTableName"]
    DynamoDbArchive(environment.aws.clients.dynamodb, table).forget(rows)


def test_a_stack_that_is_not_there_ends_with_3_and_one_line(environment: Environment) -> None:
    done = typed(environment, "why", "2f1a0273-1111-5111-9111-000000000001", stack="nowhere")

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "Error: StackUnavailable: DescribeStacks of nowhere: ValidationError\n"


def test_the_layer_ships_without_the_command_line(environment: Environment) -> None:
    package = BUILT / "SharedLayer/python/trigger_provider"

    assert environment.outputs
    assert (package / "wiring/parts.py").is_file()
    assert not (package / "cli").exists()
