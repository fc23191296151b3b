"""`make smoke STACK=name`: asks a deployed stack how it is, changing nothing and calling nobody at Wix."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

NOBODY = "00000000-0000-4000-8000-000000000000"


class NotWellError(Exception):
    """One thing about the stack is not as it should be."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack, by its outputs and parameters."""

    session: Any
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]

    @classmethod
    def named(cls, name: str) -> Stack:
        """Look a stack up, with the caller's own credentials."""
        session = boto3.Session()
        (stack_,) = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack_["Outputs"]}
        parameters = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack_["Parameters"]}
        return cls(session, outputs, parameters)

    def ask(self, function: str, event: object) -> Any:  # noqa: ANN401 - whatever it answers
        """Invoke a function; an error of its is ours."""
        answer = self.session.client("lambda").invoke(
            FunctionName=self.outputs[f"{function}FunctionName"], Payload=json.dumps(event).encode()
        )
        payload = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise NotWellError(f"{function} failed with {payload.get('errorType')}")
        return payload


def intake_answers(stack: Stack) -> str:
    """Intake reads the ledger and the catalogue: it knows nothing of an event that never was."""
    trigger = {"triggerKey": "no_such_trigger", "instanceId": NOBODY}
    results = stack.ask("IntakeDirect", {"requests": [{"action": "status", "entityId": "nothing", **trigger}]})[
        "results"
    ]
    if results[0]["errors"][0]["rule"] != "unknown-trigger":
        raise NotWellError(f"intake_direct answered {results[0]['outcome']}")
    return "a request for an unknown trigger is refused, with its place and rule"


def recovery_runs(stack: Stack) -> str:
    """Recover reads the index of the ledger."""
    return f"recover runs: {stack.ask('Recover', {})['due']} rows were due"


def delivery_starts(stack: Stack) -> str:
    """Deliver has its settings; an empty batch is nothing to do."""
    if stack.ask("Deliver", {"Records": []}) != {"batchItemFailures": []}:
        raise NotWellError("deliver did not take an empty batch")
    return "deliver starts, and takes an empty batch"


def secret_is_there(stack: Stack) -> str:
    """The secret exists; its value is not read."""
    name = stack.parameters["WixSecretName"]
    stack.session.client("secretsmanager").describe_secret(SecretId=name)
    return f"the secret {name} is there"


def nothing_is_refused(stack: Stack) -> str:
    """The queue of refused requests is empty, those that somebody is reading just now included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs = stack.session.client("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=stack.outputs["RefusedQueueUrl"], AttributeNames=names)["Attributes"]
    count = sum(int(attributes[name]) for name in names)
    if count:
        raise NotWellError(f"{count} refused requests wait for a person")
    return "no refused request waits for a person"


CHECKS: tuple[Callable[[Stack], str], ...] = (
    intake_answers,
    delivery_starts,
    recovery_runs,
    secret_is_there,
    nothing_is_refused,
)


def main(name: str) -> int:
    """Run every check, and say of each how it went; 1 if one failed."""
    stack = Stack.named(name)
    return max([outcome(check, stack) for check in CHECKS])


def outcome(check: Callable[[Stack], str], stack: Stack) -> int:
    """Run one check; 1 if it failed."""
    try:
        print(f"  well      {check(stack)}")
    except (NotWellError, ClientError, BotoCoreError, KeyError) as error:
        print(f"  NOT WELL  {check.__name__.replace('_', ' ')}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
