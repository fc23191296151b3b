"""A client of Wix, and the local Wix that it calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.wix_harness import WixHarness, open_harness


@pytest.fixture
def harness() -> Iterator[WixHarness]:
    with open_harness() as harness:
        yield harness
