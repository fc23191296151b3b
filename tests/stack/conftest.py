"""One environment for all tests of the deployed stack: its files run in the order of their names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.environment import Environment
from tests.sandbox.opening import open_environment


@pytest.fixture(scope="session")
def environment() -> Iterator[Environment]:
    """Return the deployed stack and the local Wix, with each function held to its own IAM policies."""
    with open_environment(print, auth=True) as environment:
        yield environment
