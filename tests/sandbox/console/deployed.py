"""The bundle as it is deployed into the sandbox: reached as producers and operators reach it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.sandbox.console.ours import Json, Note, Sent, Way
from tests.sandbox.environment import STACK, Environment
from trigger_provider.adapters.dynamodb.archive import DynamoDbArchive
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger
from trigger_provider.cli.why import document
from trigger_provider.domain.catalogue.trigger import Catalogue
from trigger_provider.use_cases.operations.explain import Explain, Explained

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import FilteredLogEventTypeDef

LOGS: Final = f"/aws/lambda/{STACK}-"
SOURCE: Final = "sandbox.console"
REQUEST: Final = "Wix Trigger Request"
OVERLAP_MILLISECONDS: Final = 5_000
REMEMBERED: Final = 20_000


@dataclass
class DeployedStack:
    """Keeps `OurSide`."""

    environment: Environment
    _since: dict[str, int] = field(default_factory=dict)
    _known: dict[int, None] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        return self.environment.catalogue

    @property
    def app_id(self) -> str:
        return self.environment.app.app_id

    def send(self, way: Way, request: Mapping[str, Any]) -> Sent:
        """Put it on the bus or the queue, whose answer is an id, or invoke, whose answer is the result."""
        if way is Way.DIRECT:
            return Sent(result=self.environment.invoke(request)[0])
        return Sent(source_id=self._put(request) if way is Way.BUS else self._queue(request))

    def event(self, event_id: str) -> list[Json]:
        return [self._document(explained) for explained in self._explain().event(event_id)]

    def entity(self, site: str, trigger: str, entity: str | None, occurrence: str | None) -> list[Json]:
        explain = self._explain()
        if occurrence is not None and (explained_row := explain.occurrence(site, trigger, entity, occurrence)):
            return [self._document(explained) for explained in explained_row]
        return (
            [] if entity is None else [self._document(explained) for explained in explain.entity(site, trigger, entity)]
        )

    def _document(self, explained: Explained) -> Json:
        fields = document(explained, self.catalogue, with_payload=True)
        exact = [{**line, "at": step.at} for line, step in zip(fields["timeline"], explained.row.timeline, strict=True)]
        return {**fields, "timeline": exact}

    def notes(self) -> Sequence[Note]:
        """Read each function's log a little further; lines may arrive late, so what overlaps is read twice.

        Nothing counts as read before all of it is here: if one of the calls fails, no line is lost.
        """
        groups = self.environment.aws.clients.logs.describe_log_groups(logGroupNamePrefix=LOGS)["logGroups"]
        names = [group["logGroupName"] for group in groups]
        events = [(name, event) for name in names for event in self._logged(name)]
        return sorted(
            (note for name, event in events for note in self._notes_of(name, event)), key=lambda note: note.at
        )

    def recover(self) -> None:
        self.environment.recover()

    def _put(self, request: Mapping[str, Any]) -> str:
        bus = self.environment.outputs["EventBusName"]
        entry = {"EventBusName": bus, "Source": SOURCE, "DetailType": REQUEST, "Detail": json.dumps(request)}
        answer: Any = self.environment.aws.clients.events.put_events(Entries=[entry])  # type: ignore[list-item]
        return str(answer["Entries"][0]["EventId"])

    def _queue(self, request: Mapping[str, Any]) -> str:
        answer = self.environment.aws.clients.sqs.send_message(
            QueueUrl=self.environment.outputs["InboxQueueUrl"],
            MessageGroupId=str(request.get("instanceId") or "nobody"),
            MessageBody=json.dumps(request),
        )
        return answer["MessageId"]

    def _explain(self) -> Explain:
        dynamodb, table = self.environment.aws.clients.dynamodb, self.environment.outputs["LedgerTableName"]
        return Explain(DynamoDbLedger(dynamodb, table), DynamoDbArchive(dynamodb, table), self.app_id)

    def _logged(self, group: str) -> Iterator[FilteredLogEventTypeDef]:
        start = max(0, self._since.get(group, 0) - OVERLAP_MILLISECONDS)
        for page in self.environment.aws.clients.logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=start
        ):
            yield from page["events"]

    def _notes_of(self, group: str, event: FilteredLogEventTypeDef) -> Iterator[Note]:
        at, message = event["timestamp"], event["message"]
        self._since[group] = max(self._since.get(group, 0), at)
        # The local AWS gives log events no id; ours carry a request's id, so that no two are alike.
        name = hash((group, at, message))
        if name in self._known:
            return
        self._known[name] = None
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        yield from (Note(at / 1000, group.removeprefix(LOGS), line) for line in lines(message))


def lines(message: str) -> Iterator[Mapping[str, Any]]:
    """Return our own sentences of a log message; metrics and the runtime's lines are none."""
    for text in message.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict) and "log_event" in line:
            yield line
