"""The clients of AWS: each made once, at its first use, and given up on soon."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config

CALLS: Final[Any] = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3}, parameter_validation=False
)

HASTY_CALLS: Final[Any] = CALLS.merge(Config(read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2}))
"""For whom Wix waits, and nobody knows how long: rather no answer soon than one that comes too late."""

SECRET_CALLS: Final[Any] = CALLS.merge(Config(read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}))
"""For the secret, which is read inside a delivery's deadline, but without knowing it: time must be left to settle."""


@cache
def client(service: str, calls: Any = CALLS) -> Any:  # noqa: ANN401 - boto3 makes its clients' classes as it goes
    """Give the client of a service."""
    return _session().client(service, config=calls)


@cache
def _session() -> Any:  # noqa: ANN401 - so that a client may be asked for by any name
    return boto3.Session()
