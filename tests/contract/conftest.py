"""What is logged during a test, and an app's driver at the local Wix of the module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.wix import AppDriver, WixSandbox
from tests.support.drivers import a_driver
from tests.support.log import Log, captured_log


@pytest.fixture
def log() -> Iterator[Log]:
    with captured_log() as kept:
        yield kept


@pytest.fixture
def driver(wix: WixSandbox) -> AppDriver:
    return a_driver(wix)
