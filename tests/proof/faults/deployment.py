"""The ledger, the queues and the functions of template.yaml in a local AWS, without Lambda: that is played here.

Everything is as the template says, with the sandbox's quick numbers; but a worker may live for longer, so that a slow
machine does not kill it, and all that counts on its life is longer, too. What a killed one held comes again at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from tests.proof.faults.workers import Function
from tests.sandbox.aws import ACCOUNT, REGION, MiniStack
from tests.sandbox.opening import QUICK
from tests.sandbox.wix import App
from tests.support.ledger_table import new_ledger_table
from tests.support.template import named, parameter, properties, queues, timing
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

BUS: Final = "Bus"
"""A queue that plays Lambda's own queue of asynchronous invocations: an event is tried three times."""
CALLERS: Final = "Callers"
"""A queue that plays those who call intake_direct, and call again until they are answered."""

LIFE_SECONDS: Final = 20
EFFECT_WITHIN_SECONDS: Final = 4
"""Until when the local Wix lets a call take effect, after it was read."""

READ_SECONDS: Final = 2
"""How long a client waits for Wix's answer."""

_HIDDEN_SECONDS: Final = LIFE_SECONDS + 10
_SETTINGS: Final = {
    **QUICK,
    "IntakeTimeout": LIFE_SECONDS,
    "DeliverTimeout": LIFE_SECONDS,
    "InboxVisibility": _HIDDEN_SECONDS,
    "DeliveryVisibility": _HIDDEN_SECONDS,
    "SettleDelay": LIFE_SECONDS + EFFECT_WITHIN_SECONDS + 1,
    "HttpReadTimeout": READ_SECONDS,
}
_OF_LAMBDA: Final[Mapping[str, Any]] = {
    BUS: {"RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["FailedEventQueue", "Arn"]}, "maxReceiveCount": 3}},
    CALLERS: {},
}


@dataclass(frozen=True)
class Deployment:
    """Where it all happens."""

    aws: MiniStack
    app: App
    wix_url: str

    @cached_property
    def table(self) -> str:
        """Make the ledger's table, and give its name."""
        return new_ledger_table(self.aws.clients.dynamodb)

    @cached_property
    def queue_urls(self) -> Mapping[str, str]:
        """Make all queues, those that others redrive to first; give their addresses by logical id."""
        run = uuid4().hex
        wanted = {**{name: properties(name) for name in queues()}, **_OF_LAMBDA}
        urls = {}
        for name, wants in sorted(wanted.items(), key=lambda item: "RedrivePolicy" in item[1]):
            answer = self.aws.clients.sqs.create_queue(
                QueueName=f"{name}-{run}", Attributes=self._attributes(wants, run)
            )
            urls[name] = answer["QueueUrl"]
        return urls

    @cached_property
    def ledger(self) -> DynamoDbLedger:
        """The ledger as it is, by a way without faults."""
        return DynamoDbLedger(self.aws.clients.dynamodb, self.table)

    @cached_property
    def secret(self) -> str:
        """Make the app's secret, and give its name."""
        name = f"secret-{uuid4()}"
        text = json.dumps({"appId": self.app.app_id, "appSecret": self.app.secret})
        self.aws.clients.secrets.create_secret(Name=name, SecretString=text)
        return name

    def function(self, logical_id: str, endpoint: str) -> Function:
        """Return a function whose AWS is at that endpoint."""
        wanted = properties(logical_id)
        ours = {name: str(self._value(written)) for name, written in wanted["Environment"]["Variables"].items()}
        everybodys = {**self.aws.environment, "AWS_ENDPOINT_URL": endpoint}
        folder = Path(wanted["CodeUri"]).name
        return Function(folder, float(self._value(wanted["Timeout"])), {**everybodys, **ours})

    def _attributes(self, wants: Mapping[str, Any], run: str) -> dict[QueueAttributeNameType, str]:
        attributes: dict[QueueAttributeNameType, str] = {
            "VisibilityTimeout": str(self._value(wants.get("VisibilityTimeout", _HIDDEN_SECONDS)))
        }
        if policy := wants.get("RedrivePolicy"):
            target = named(policy["deadLetterTargetArn"])
            arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{target}-{run}"
            attributes["RedrivePolicy"] = json.dumps({**policy, "deadLetterTargetArn": arn})
        return attributes

    def _value(self, written: Any) -> Any:  # noqa: ANN401 - a text or a number
        if not isinstance(written, Mapping):
            return written
        if time := written.get("Fn::FindInMap"):
            return _SETTINGS.get(time[2]) or timing(time[2], "sandbox")
        name = named(written)
        known = {
            "AWS::StackName": "faults",
            "LedgerTable": self.table,
            "WixAppId": self.app.app_id,
            "WixBaseUrl": self.wix_url,
        }
        if name == "WixSecretName":
            return self.secret
        return known.get(name) or self._queue(name) or _SETTINGS.get(name) or parameter(name)

    def _queue(self, name: str) -> str | None:
        return self.queue_urls[name] if name in queues() else None
