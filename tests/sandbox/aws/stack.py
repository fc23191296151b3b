"""Our own template, built and deployed by the SAM CLI as for AWS; only the endpoint and the platform differ."""

import os
import platform
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from tests.sandbox.aws.clients import REGION
from tests.sandbox.aws.ministack import PYTHON, ROOT, MiniStack

SAM = ROOT / ".build/sam/bin/sam"
UV = ROOT / ".build/uv/bin/uv"
BUILT = ROOT / ".build/stack"
ARCHITECTURE = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"

Say = Callable[[str], None]
Outputs = Mapping[str, str]


class SamFailedError(Exception):
    """The message is what the SAM CLI printed."""


def deploy(
    aws: MiniStack,
    parameters: Mapping[str, object],
    *,
    triggers: Path,
    stack: str = "trigger-provider",
    say: Say = lambda _: None,
) -> Outputs:
    """Deploy the template, anew or over what is there. Return the stack's outputs by the names in template.yaml."""
    say("sam build: the functions, and the layer with its libraries for this machine")
    template = build(triggers)
    say("sam deploy: template.yaml into MiniStack")
    sam(
        "deploy",
        "--template-file",
        str(template),
        *target(aws, stack),
        *overrides(parameters),
        environment=aws.environment,
    )
    outputs = outputs_of(aws, stack)
    say(f"stack {stack} is up: {resources_of(aws, stack)} resources at {aws.endpoint}")
    return outputs


@cache
def build(triggers: Path) -> Path:
    """Build once in a process, with the trigger files of a folder. Return the template's path.

    The layer is for the interpreter that MiniStack runs.
    """
    environment = {
        **os.environ,
        "UV": str(UV),
        "LAYER_PLATFORM": "",
        "LAYER_PYTHON": version_of(PYTHON),
        "LAYER_INTERPRETER": str(PYTHON),
        "AWS_DEFAULT_REGION": REGION,
        "CATALOGUE_FOLDER": str(triggers),
    }
    sam("build", "--parallel", "--build-dir", str(BUILT), *overrides({}), environment=environment)
    return BUILT / "template.yaml"


def sam(*arguments: str, environment: Mapping[str, str]) -> None:
    # SAM asks every five seconds how far a deployment is, unless told otherwise.
    quickly = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.2", "UV_PYTHON_DOWNLOADS": "never"}
    run = subprocess.run(
        [SAM, *arguments],
        cwd=ROOT,
        env={**environment, **quickly},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SamFailedError(run.stdout)


def target(aws: MiniStack, stack: str) -> list[str]:
    bucket = f"{stack}-artifacts"
    with suppress(aws.clients.s3.exceptions.BucketAlreadyOwnedByYou):
        aws.clients.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    without_questions = ["--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"]
    return ["--stack-name", stack, "--s3-bucket", bucket, "--capabilities", "CAPABILITY_IAM", *without_questions]


def overrides(parameters: Mapping[str, object]) -> list[str]:
    values = {"Architecture": ARCHITECTURE, **parameters}
    return ["--parameter-overrides", *(f"{name}={value}" for name, value in values.items())]


def outputs_of(aws: MiniStack, stack: str) -> Outputs:
    (stack_,) = aws.clients.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack_["Outputs"]}


def resources_of(aws: MiniStack, stack: str) -> int:
    pages = aws.clients.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return sum(len(page["StackResourceSummaries"]) for page in pages)


def version_of(python: Path) -> str:
    command = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
