"""The floor: the same effect with the fewest calls that the services allow, and nothing decided.

It claims rows, hands them on, reads them, reports and settles; it checks no payload, knows no cancel, no version, no
failed item and no retry. `one_message` puts all rows of a batch into one message, where what ships sends one each.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid5

import boto3
import requests
from botocore.config import Config

from tests.bench.benchmarks.stubs.stub_client import StubClient
from tests.bench.benchmarks.workload import batch_event

# So long that no slow machine makes it fail: what is measured is never waited out.
_SECONDS = (60, 60)
_NAMESPACE = UUID("7a0bd4c4-4b52-4c3c-9a38-6c4b1e6f9d10")
_NAMES = (
    "pk", "sk", "kind", "site", "trigger", "state", "reason", "accepted_at", "expires_at", "revision",
    "accepted_revision", "token", "payload", "timeline", "occurrence",
)  # fmt: skip
_INSERT = f'INSERT INTO "ledger" VALUE {{{", ".join(f"{name!r}: ?" for name in _NAMES)}}}'
_CHANGED = ("state", "reason", "acked_at", "revision", "token", "timeline")
_UPDATE = (
    f'UPDATE "ledger" {" ".join(f"""SET "{name}" = ?""" for name in _CHANGED)}'
    ' WHERE "pk" = ? AND "sk" = ? AND "revision" = ?'
)


class Floor:
    """Without logic: whatever is not as it should be raises."""

    def __init__(self, base_url: str, *, one_message: bool) -> None:
        self._base_url, self._one_message = base_url, one_message
        self._stub = StubClient(base_url)
        self._session = requests.Session()
        self._session.trust_env = False
        config: Any = Config(parameter_validation=False)
        session = boto3.Session()
        self._dynamodb, self._sqs = session.client("dynamodb", config=config), session.client("sqs", config=config)
        self._tokens: dict[str, str] = {}

    def steps(self, requests: list[dict[str, Any]]) -> Iterator[Callable[[], object]]:
        """Return what is timed: taking in, and delivering."""
        event = batch_event(requests)
        yield lambda: self._take(event)
        bodies = [each["body"] for each in self._stub.ask("take", queue=f"{self._base_url}/delivery")]
        yield lambda: self._deliver(bodies)

    def _take(self, event: dict[str, Any]) -> None:
        now, keys, statements = str(int(time.time() * 1_000)), [], []
        for record in event["Records"]:
            request = json.loads(record["body"])
            event_id = str(uuid5(_NAMESPACE, request["id"]))
            pk, sk = event_id[:23], f"alone#{event_id}"
            keys.append([pk, sk])
            statements.append({"Statement": _INSERT, "Parameters": _claimed(pk, sk, request, now)})
        bodies = [json.dumps(keys)] if self._one_message else [json.dumps([key]) for key in keys]
        entries: list[Any] = [
            {"Id": str(at), "MessageBody": body, "MessageGroupId": "site"} for at, body in enumerate(bodies)
        ]
        for at in range(0, len(entries), 10):
            self._sqs.send_message_batch(QueueUrl=f"{self._base_url}/delivery", Entries=entries[at : at + 10])
        self._execute(statements)

    def _deliver(self, bodies: list[str]) -> None:
        keys = [{"pk": {"S": pk}, "sk": {"S": sk}} for body in bodies for pk, sk in json.loads(body)]
        request: Any = {"ledger": {"Keys": keys, "ConsistentRead": True}}
        rows = self._dynamodb.batch_get_item(RequestItems=request)["Responses"]["ledger"]
        groups: dict[tuple[str, str], list[Any]] = {}
        for row in rows:
            groups.setdefault((row["site"]["S"], row["trigger"]["S"]), []).append(row)
        for (site, trigger), some in groups.items():
            self._report(site, trigger, some)
        now = str(int(time.time() * 1_000))
        self._execute([{"Statement": _UPDATE, "Parameters": _settled(row, now)} for row in rows])

    def _report(self, site: str, trigger: str, rows: list[Any]) -> None:
        events = ",".join(
            f'{{"payload":{row["payload"]["S"]},"externalEntityId":"{row["sk"]["S"][6:]}",'
            f'"idempotency":{{"key":"{row["occurrence"]["S"]}","ttlInMilliseconds":"2592000000"}}}}'
            for row in rows
        )
        headers = {"Authorization": self._token(site), "Content-Type": "application/json"}
        body = f'{{"triggerKey":"{trigger}","eventsInfo":[{events}]}}'
        url = f"{self._base_url}/automations/v1/events/bulk-report"
        answer = self._session.post(url, data=body.encode(), headers=headers, timeout=_SECONDS).json()
        assert answer["bulkActionMetadata"]["totalSuccesses"] == len(rows)

    def _token(self, site: str) -> str:
        if site not in self._tokens:
            body = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b", "instance_id": site}
            answer = self._session.post(f"{self._base_url}/oauth2/token", json=body, timeout=_SECONDS).json()
            self._tokens[site] = answer["access_token"]
        return self._tokens[site]

    def _execute(self, statements: list[Any]) -> None:
        for at in range(0, len(statements), 25):
            answer = self._dynamodb.batch_execute_statement(Statements=statements[at : at + 25])
            assert not any("Error" in each for each in answer["Responses"])


def _claimed(pk: str, sk: str, request: dict[str, Any], now: str) -> list[Any]:
    timeline = f'[[{now},"pending","accepted"]]'
    payload = json.dumps(request["payload"], separators=(",", ":"))
    texts = [pk, sk, "occurrence", request["instanceId"], request["triggerKey"], "pending", "accepted"]
    return [
        *({"S": text} for text in texts),
        *({"N": number} for number in (now, now[:10], "1", "1")),
        {"S": "2f6c0f2a5d8e4b7f9f6f0d1c3b2a1908"}, {"S": payload}, {"S": timeline},
        {"S": request["id"]},
    ]  # fmt: skip


def _settled(row: Any, now: str) -> list[Any]:  # noqa: ANN401 - an item
    timeline = f'{row["timeline"]["S"][:-1]},[{now},"reported","acknowledged"]]'
    return [
        {"S": "reported"}, {"S": "acknowledged"}, {"N": now}, {"N": "2"}, {"S": "1908"}, {"S": timeline},
        row["pk"], row["sk"], {"N": "1"},
    ]  # fmt: skip
