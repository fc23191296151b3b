"""Functions of a few lines for tests of Lambda itself, and waiting for what they lead to."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import uuid4

from tests.sandbox.aws import ACCOUNT, Clients

T = TypeVar("T")


def small_function(
    clients: Clients, code: str, *, role: str = "any", environment: Mapping[str, str] | None = None, timeout: int = 10
) -> str:
    """Deploy `code`, which defines `handler(event, context)`. Returns the function's name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("index.py", code)
    name = f"function-{uuid4()}"
    clients.functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="index.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/{role}",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": dict(environment or {})},
        Timeout=timeout,
    )
    return name


def answer(clients: Clients, function: str, event: object) -> Any:  # noqa: ANN401 - any JSON
    """Invoke it and wait for what it returns."""
    return json.load(clients.functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())["Payload"])


def until(look: Callable[[], T | None], seconds: float = 15) -> T:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"nothing within {seconds} s"
        time.sleep(0.05)
    return seen
