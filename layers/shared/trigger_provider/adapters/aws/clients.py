"""The clients of AWS. Each is made once, at its first use, and its calls end soon."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

_CALLS: Final[Any] = Config(
    connect_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,
    user_agent="wix-trigger-provider",
)
"""A fixed user agent, because boto3 would compose its own anew for each call: a thirtieth of a batch's time."""


@cache
def calls(read_timeout: int) -> Any:  # noqa: ANN401 - as _CALLS
    """Return the configuration of calls whose answer is awaited for `read_timeout` seconds, three times at most."""
    return _CALLS.merge(Config(read_timeout=read_timeout))


def calls_within(read_timeout: int) -> Any:  # noqa: ANN401 - as _CALLS
    """Return the configuration of calls that must end soon: two attempts, each of `read_timeout` seconds at most."""
    return _CALLS.merge(Config(read_timeout=read_timeout, retries={"mode": "standard", "total_max_attempts": 2}))


SECRET_CALLS: Final[Any] = calls_within(2)
"""Delivery reads the secret before its deadline, and must have time left to settle."""


@cache
def client(service: str, config: Any) -> Any:  # noqa: ANN401 - boto3 makes its clients' classes as it goes
    """Return the client of a service."""
    with _for_good():
        return _session().client(service, config=config)


@cache
def _session() -> Any:  # noqa: ANN401 - so that a client may be asked for by any name
    return boto3.Session()


@contextmanager
def _for_good() -> Iterator[None]:
    """Disable the garbage collector while an object that lives as long as the process is made, then exempt the object.

    A client consists of tens of thousands of objects. While they are made, the collector would examine all objects
    again and again: a tenth of a cold start. Later it would examine them whenever a batch leaves garbage behind.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
