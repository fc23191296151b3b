"""The AWS side of the sandbox: MiniStack on loopback, and the stack deployed into it."""

from tests.sandbox.aws.clients import ACCOUNT, REGION, Clients
from tests.sandbox.aws.ministack import MiniStack, MiniStackFailedError
from tests.sandbox.aws.stack import Outputs, SamFailedError, build, deploy

__all__ = [
    "ACCOUNT",
    "REGION",
    "Clients",
    "MiniStack",
    "MiniStackFailedError",
    "Outputs",
    "SamFailedError",
    "build",
    "deploy",
]
