"""Functions of a few lines for tests of Lambda itself."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tests.sandbox.aws import ACCOUNT, Clients
from tests.support.waiting import PATIENCE_SECONDS


def small_function(
    clients: Clients, code: str, *, role: str = "any", environment: Mapping[str, str] | None = None
) -> str:
    """Deploy `code`, which defines `handler(event, context)`. Return the function's name."""
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
        Timeout=int(PATIENCE_SECONDS),
    )
    return name


def answer(clients: Clients, function: str, event: object) -> Any:  # noqa: ANN401 - any JSON
    """Invoke it and wait for what it returns."""
    return json.load(clients.functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())["Payload"])
