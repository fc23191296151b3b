"""A deployed stack, by its name: its resources and its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.adapters.aws.retry import translate
from trigger_provider.errors import TriggerProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cloudformation.client import CloudFormationClient


class StackUnavailable(TriggerProviderError):
    """CloudFormation has no such stack here, or the stack is not ours, or is of another version."""


class DeployedStack(NamedTuple):
    """The outputs and parameters of a stack, by their names in template.yaml."""

    outputs: Mapping[str, str]
    parameters: Mapping[str, str]

    def output(self, name: str) -> str:
        """Return an output, or raise `StackUnavailable`."""
        return _find(self.outputs, name, "output")

    def parameter(self, name: str) -> str:
        """Return a parameter's value, or raise `StackUnavailable`."""
        return _find(self.parameters, name, "parameter")


def look_up(client: CloudFormationClient, name: str) -> DeployedStack:
    """Look a stack up in the account and region of the client, or raise `StackUnavailable`."""
    with translate(f"DescribeStacks of {name}", StackUnavailable):
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
    parameters = {item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])}
    return DeployedStack(outputs, parameters)


def _find(named: Mapping[str, str], name: str, kind: str) -> str:
    if name not in named:
        raise StackUnavailable(f"the stack has no {kind} {name}: deploy this version of the template")
    return named[name]
