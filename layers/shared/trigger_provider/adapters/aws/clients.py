"""The clients of AWS: each made once, at its first use, and given up on soon."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS: Final[Any] = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,
    user_agent="wix-trigger-provider",
)
"""boto3 would put its own name for the user agent together anew for each call, which takes a thirtieth of a batch."""


def calls_within(read_timeout: int) -> Any:  # noqa: ANN401 - as CALLS
    """Return the configuration of calls that must end soon: two attempts, each of `read_timeout` seconds at most."""
    return CALLS.merge(Config(read_timeout=read_timeout, retries={"mode": "standard", "total_max_attempts": 2}))


SECRET_CALLS: Final[Any] = calls_within(2)
"""For the secret, which is read inside a delivery's deadline, but without knowing it: time must be left to settle."""


@cache
def client(service: str, calls: Any = CALLS) -> Any:  # noqa: ANN401 - boto3 makes its clients' classes as it goes
    """Return the client of a service."""
    with _for_good():
        return _session().client(service, config=calls)


@cache
def _session() -> Any:  # noqa: ANN401 - so that a client may be asked for by any name
    return boto3.Session()


@contextmanager
def _for_good() -> Iterator[None]:
    """Make what lives as long as the process without the garbage collector, and hide it from the collector for good.

    A client is tens of thousands of objects: while they come it would look through all there is again and again, which
    takes a tenth of a cold start; and afterwards through all of these whenever a batch has left something behind.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
