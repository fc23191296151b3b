"""One stage for all tests of the deployed stack: its files run in the order of their names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.opening import open_stage
from tests.sandbox.stage import Stage


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Return the deployed stack and the local Wix, with each function held to its own IAM policies."""
    with open_stage(print, auth=True) as stage:
        yield stage
