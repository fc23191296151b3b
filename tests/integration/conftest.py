"""Clients of Wix to stand before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.wix_stand import HASTY_READ, READ, Stand, a_stand


@pytest.fixture
def stand() -> Iterator[Stand]:
    with a_stand(READ) as stand:
        yield stand


@pytest.fixture
def hasty() -> Iterator[Stand]:
    """A client that soon stops waiting."""
    with a_stand(HASTY_READ) as stand:
        yield stand
