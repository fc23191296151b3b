"""What is published on the outcome bus, as EventBridge takes it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from jsonschema import Draft7Validator, FormatChecker

from tests.support.queues import arn_of, new_queue
from tests.support.waiting import wait_until
from trigger_provider.adapters.aws.retry import BackOff
from trigger_provider.adapters.eventbridge.outcomes import EventBridgeOutcomes
from trigger_provider.domain.catalogue.reserved_names import OUTCOME_DETAIL_TYPE, OWN_SOURCE
from trigger_provider.domain.delivery.messages import OutcomeEvent
from trigger_provider.domain.ledger.rows import State
from trigger_provider.errors import OutcomesUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.sandbox.aws import Clients

pytest_plugins = ["tests.support.aws"]

AT_ONCE = BackOff(attempts=3, sleep=lambda _: None)
SITE = "4d2f64b1-7f0a-4d0b-8f43-6f5f1f4bb6a2"


def an_outcome(number: int = 1, **changes: Any) -> OutcomeEvent:  # noqa: ANN401 - any field of it
    event_id = f"2f1a0273-cd4d-59e4-8645-{number:012x}"
    fields = {"state": State.REPORTED, "reason": "acknowledged", "at": 1_795_507_200_000, "wix_request_id": "wix-1"}
    return OutcomeEvent(event_id=event_id, trigger="invoice_due", site=SITE, **{**fields, **changes})


class Bus:
    """A client that notes what it is asked, and takes no entry as often as it is told."""

    def __init__(self, refusals: int = 0) -> None:
        self.requests: list[Sequence[dict[str, Any]]] = []
        self._refusals = refusals

    def put_events(self, *, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        self.requests.append(Entries)
        results: list[dict[str, str]] = [{"EventId": "1"} for _ in Entries]
        if self._refusals:
            self._refusals -= 1
            results[0] = {"ErrorCode": "ThrottlingException"}
        return {"Entries": results}


def published(bus: Any, *outcomes: OutcomeEvent) -> None:  # noqa: ANN401 - a client or its fake
    EventBridgeOutcomes(bus, "outcomes", AT_ONCE).publish(outcomes)


@pytest.mark.parametrize("state", [state for state in State if state not in {State.PENDING, State.RETRYING}], ids=str)
@pytest.mark.parametrize("request_id", ["wix-1", None])
def test_every_detail_is_as_its_schema_says(state: State, request_id: str | None) -> None:
    bus = Bus()
    published(bus, an_outcome(state=state, wix_request_id=request_id))

    ((entry,),) = bus.requests
    schema = json.loads(files("trigger_provider").joinpath("schemas/outcome.schema.json").read_text("utf-8"))
    Draft7Validator(schema, format_checker=FormatChecker()).validate(json.loads(entry["Detail"]))
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (
        OWN_SOURCE,
        OUTCOME_DETAIL_TYPE,
        "outcomes",
    )


def test_ten_go_in_one_request() -> None:
    bus = Bus()
    published(bus, *map(an_outcome, range(25)))

    assert [len(entries) for entries in bus.requests] == [10, 10, 5]


def test_only_what_the_bus_did_not_take_is_put_again() -> None:
    bus = Bus(refusals=1)
    published(bus, *map(an_outcome, range(3)))

    assert [len(entries) for entries in bus.requests] == [3, 1]


def test_a_bus_that_goes_on_refusing_is_unavailable() -> None:
    with pytest.raises(OutcomesUnavailable, match="1 entries put off"):
        published(Bus(refusals=99), an_outcome())


def test_a_rule_of_the_users_hears_outcomes_on_the_bus(cloud: Clients) -> None:
    events, sqs = cloud.events, cloud.sqs
    name, url = f"outcomes-{uuid4()}", new_queue(sqs)
    events.create_event_bus(Name=name)
    pattern = {
        "source": [OWN_SOURCE],
        "detail-type": [OUTCOME_DETAIL_TYPE],
        "detail": {"outcome": ["failed", "rejected"]},
    }
    events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "queue", "Arn": arn_of(sqs, url)}])

    EventBridgeOutcomes(events, name).publish([an_outcome(1), an_outcome(2, state=State.FAILED)])

    (message,) = wait_until(lambda: sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"))
    detail = json.loads(message["Body"])["detail"]
    assert (detail["eventId"], detail["outcome"]) == (an_outcome(2).event_id, "failed")
