"""Permits without a limit, for tests in which it does not matter how often a site is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trigger_provider.domain.delivery.results import ItemResult


class UnlimitedPermits:
    """Keeps the port `Permits`: each call may begin."""

    def acquire(self, _site: str) -> ItemResult | None:
        return None


UNLIMITED_PERMITS: Final = UnlimitedPermits()
