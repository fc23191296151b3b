"""The usual handler: Powertools' batch, validation and idempotency, and `requests`, as their own pages show them.

One event at a time, or by a pool of threads. Nothing is kept of an event but that it was done, so it can neither be
changed nor be found again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any
from uuid import UUID, uuid5

import requests
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.validation import validate

from tests.bench.benchmarks.peers.ours import Context
from tests.bench.benchmarks.workload import APP_ID, batch_event
from trigger_provider.domain.catalogue.trigger import Trigger

_NAMESPACE = UUID("7a0bd4c4-4b52-4c3c-9a38-6c4b1e6f9d10")
# So long that no slow machine makes it fail: what is measured is never waited out.
_SECONDS = (60, 60)


class Usual:
    """One record at a time."""

    threads = 1

    def __init__(self, base_url: str, trigger: Trigger) -> None:
        self._base_url, self._schema = base_url, trigger.schema
        self._session = requests.Session()
        self._tokens: dict[str, str] = {}
        self._minting = Lock()
        self._processor = BatchProcessor(event_type=EventType.SQS)
        self._config = IdempotencyConfig(event_key_jmespath="id", use_local_cache=False)
        report = idempotent_function(
            self._report,
            data_keyword_argument="request",
            persistence_store=DynamoDBPersistenceLayer(table_name="idempotency"),
            config=self._config,
        )
        self._once: Callable[..., object] = report

    def steps(self, requests: list[dict[str, Any]]) -> Iterator[Callable[[], object]]:
        """Return what is timed: one invocation."""
        event = batch_event(requests)
        yield partial(self._handle, event)

    def _handle(self, event: dict[str, Any]) -> object:
        context: Any = Context()
        self._config.register_lambda_context(context)
        return process_partial_response(event, self._record, self._processor, context)

    def _record(self, record: SQSRecord) -> object:
        request = json.loads(record.body)
        validate(event=request["payload"], schema=dict(self._schema))
        return self._once(request=request)

    def _report(self, request: dict[str, Any]) -> dict[str, Any]:
        response = self._session.post(
            f"{self._base_url}/automations/v1/events/report",
            json={
                "triggerKey": request["triggerKey"],
                "payload": request["payload"],
                "externalEntityId": str(uuid5(_NAMESPACE, request["id"])),
                "idempotency": {"key": request["id"]},
            },
            headers={"Authorization": self._token(request["instanceId"])},
            timeout=_SECONDS,
        )
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    def _token(self, site: str) -> str:
        with self._minting:
            if site not in self._tokens:
                request = {"grant_type": "client_credentials", "client_id": APP_ID, "client_secret": "made up"}
                response = self._session.post(
                    f"{self._base_url}/oauth2/token", json={**request, "instance_id": site}, timeout=_SECONDS
                )
                self._tokens[site] = response.json()["access_token"]
            return self._tokens[site]


class UsualInThreads(Usual):
    """Ten records at a time; each in a batch of its own, since Powertools' processor keeps its state to itself."""

    threads = 10

    def __init__(self, base_url: str, trigger: Trigger) -> None:
        super().__init__(base_url, trigger)
        self._pool = ThreadPoolExecutor(self.threads)

    def _handle(self, event: dict[str, Any]) -> object:
        context: Any = Context()
        self._config.register_lambda_context(context)
        return list(self._pool.map(lambda record: self._record(SQSRecord(record)), event["Records"]))
