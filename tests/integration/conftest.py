"""A client of Wix to stand before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.wix_stand import Stand, a_stand


@pytest.fixture
def stand() -> Iterator[Stand]:
    with a_stand() as stand:
        yield stand
