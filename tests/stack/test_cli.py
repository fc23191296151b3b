"""The command line against the deployed stack, as a person runs it: in a process of its own, by the stack's name."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.sandbox.aws.stack import BUILT
from tests.sandbox.business import BILLING, a_form, an_invoice, in_days
from tests.sandbox.stage import STACK, Stage
from tests.sandbox.wix import REPORTS, BadItem, Trouble
from tests.support.at_rest import is_at_rest
from trigger_provider.domain.ledger.ids import event_id, generation_id, occurrence_id
from trigger_provider.domain.ledger.rows import ScheduledEntity


def typed(stage: Stage, *words: str, stack: str = STACK) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing but the environment that `make sandbox` prints."""
    return subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "trigger_provider.cli", "--stack", stack, *words],
        env={**stage.aws.environment, "PYTHONPATH": "layers:layers/shared"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def read_json(stage: Stage, *words: str) -> Any:  # noqa: ANN401 - any JSON
    done = typed(stage, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def reported(stage: Stage, site: str, invoice: str, generation: int) -> ScheduledEntity:
    """Wait until Wix holds a generation of an invoice, and nothing older is left to cancel."""
    key = stage.entity(site, "invoice_due", invoice)

    def look() -> ScheduledEntity | None:
        row = stage.row(key)
        is_it = isinstance(row, ScheduledEntity) and row.state == "reported" and row.generation == generation
        return row if isinstance(row, ScheduledEntity) and is_it and is_at_rest(row) else None

    return stage.until(f"generation {generation} is reported", look)


def test_a_replayed_invoice_is_live_once_under_a_new_id_and_its_old_one_leads_to_the_whole_history(
    stage: Stage,
) -> None:
    site = stage.new_site()
    stage.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 1, in_days(30)))
    row = reported(stage, site, "INV-1", 1)
    dry = read_json(stage, "replay", "row", event_id(row), "--dry-run")
    (done,) = read_json(stage, "replay", "row", event_id(row), "--yes")["rows"]

    assert dry["rows"][0]["replay"] == "new generation"
    assert done["now"] == generation_id(row.key, 2)
    assert reported(stage, site, "INV-1", 2).payload == row.payload
    assert [event.external_entity_id for event in stage.wix.live_events(site)] == [generation_id(row.key, 2)]
    (item,) = read_json(stage, "why", event_id(row))["events"]
    assert item["standing"] == "generation 1 of 2: superseded, and closed at Wix"
    assert (item["entity"], item["state"], item["acked"]) == ("INV-1", "reported", 2)
    assert "replayed by a person" in [line["reason"] for line in item["timeline"]]
    assert all("wixRequestId" in line for line in item["timeline"] if line["reason"] == "acknowledged")
    where = ("--site", site, "--trigger", "invoice_due")
    assert read_json(stage, "why", "INV-1", *where)["events"][0]["generation"] == 2


def test_what_wix_rejected_of_a_site_is_replayed_and_not_twice(stage: Stage) -> None:
    site = stage.new_site()
    forms = [a_form(site, number) for number in range(4)]
    key = stage.occurrence(site, "form_submitted", None, forms[0]["id"])
    bad = BadItem("SCHEMA_VALIDATION_FAILED", external_entity_id=occurrence_id(key))
    with stage.wix.faults.during(Trouble.failed_items(bad, site=site), *REPORTS):
        stage.invoke(*forms)
        stage.settled(key, "rejected")
    where = ("--site", site, "--trigger", "form_submitted")
    read_json(stage, "replay", "trigger", *where, "--name", "monday", "--yes")
    again = typed(stage, "replay", "trigger", *where, "--yes")

    anew = stage.settled(stage.occurrence(site, "form_submitted", None, f"{forms[0]['id']}~monday"), "reported")
    assert again.returncode == 1
    assert f"it was replayed: see {event_id(anew)}" in again.stdout
    assert len(stage.wix.live_events(site)) == len(forms)


def test_a_failed_event_goes_through_the_inbox_once_more(stage: Stage) -> None:
    site = stage.new_site()
    detail = an_invoice(site, "INV-1", 1, in_days(30))
    envelope = {"source": BILLING, "detail-type": "Invoice Issued", "detail": detail}
    record = {"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": envelope}
    sqs, url = stage.aws.clients.sqs, stage.outputs["FailedEventQueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(record))
    (seen,) = read_json(stage, "replay", "queue", "failed", "--site", site, "--dry-run")["messages"]
    done = read_json(stage, "replay", "queue", "failed", "--site", site, "--yes")

    assert seen["asks"] == [{"trigger": "invoice_due", "site": site}]
    assert (seen["reason"], seen["fate"], done["replayed"]) == ("RetriesExhausted", "to replay", 1)
    reported(stage, site, "INV-1", 1)
    assert read_json(stage, "replay", "queue", "failed", "--site", site, "--dry-run")["messages"] == []


def test_an_event_of_nearly_a_megabyte_that_failed_is_replayed_whatever_its_alphabet(stage: Stage) -> None:
    site = stage.new_site()
    detail = {**an_invoice(site, "INV-1", 1, in_days(30)), "notes": "ж" * 500_000}
    with without_the_ledger(stage):
        stage.put_event(BILLING, "Invoice Issued", detail)
        seen = stage.until("the event lies there", lambda: failed_of(stage, site))
    done = read_json(stage, "replay", "queue", "failed", "--site", site, "--yes")

    assert [message["fate"] for message in seen] == ["to replay"]
    assert done["replayed"] == 1
    reported(stage, site, "INV-1", 1)


def failed_of(stage: Stage, site: str) -> list[Any]:
    messages: list[Any] = read_json(stage, "replay", "queue", "failed", "--site", site, "--dry-run")["messages"]
    return messages


@contextmanager
def without_the_ledger(stage: Stage) -> Iterator[None]:
    """Take the ledger away from intake_eventbridge for a while, as a deployment that went wrong would."""
    functions, name = stage.aws.clients.functions, stage.outputs["IntakeEventbridgeFunctionName"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**variables, "LEDGER_TABLE_NAME": "nowhere"}}
    )
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def test_every_queue_that_may_be_replayed_is_found_by_the_stacks_outputs(stage: Stage) -> None:
    site = stage.new_site()
    for queue in ("undelivered", "inbox"):
        assert read_json(stage, "replay", "queue", queue, "--site", site, "--dry-run")["messages"] == []


def test_a_site_is_forgotten_once_its_events_are_cancelled(stage: Stage) -> None:
    site = stage.new_site()
    stage.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 1, in_days(30)))
    stage.invoke(a_form(site, 1))
    row = reported(stage, site, "INV-1", 1)
    stage.settled(stage.occurrence(site, "form_submitted", None, a_form(site, 1)["id"]), "reported")
    first = typed(stage, "forget", "--site", site, "--cancel-first", "--yes")
    stage.settled(row.key, "cancelled")
    told_last = read_json(stage, "forget", "--site", site, "--yes")["rows"]

    assert first.returncode == 1
    assert [item["forgotten"] for item in told_last] == [True]
    assert [event.external_entity_id for event in stage.wix.live_events(site, "invoice_due")] == []
    assert typed(stage, "forget", "--site", site, "--dry-run").returncode == 1


def test_a_stack_that_is_not_there_ends_with_3_and_one_line(stage: Stage) -> None:
    done = typed(stage, "why", "2f1a0273-1111-5111-9111-000000000001", stack="nowhere")

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "Error: StackUnavailable: DescribeStacks of nowhere: ValidationError\n"


def test_the_layer_ships_without_the_command_line(stage: Stage) -> None:
    package = BUILT / "SharedLayer/python/trigger_provider"

    assert stage.outputs
    assert (package / "wiring/parts.py").is_file()
    assert not (package / "cli").exists()
