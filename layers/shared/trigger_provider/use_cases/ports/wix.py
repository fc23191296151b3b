"""The promises we need kept by Wix: leave to call it, its Triggered Events API, and its signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trigger_provider.domain.delivery.results import EventReport, ItemResult, SignedWebhook


class Permits(Protocol):
    """Leave to call Wix, which each call needs for itself, the second try after a 401 included."""

    def acquire(self, site: str) -> ItemResult | None:
        """Take leave for one call that begins now; where there is none, give the answer that its items get instead."""


class AutomationsApi(Protocol):
    """Wix's Triggered Events API, for one trigger of one site at a time and at most 100 items a call.

    `deadline` is absolute, on the clock's scale: no call starts that could not end before it.
    """

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        """Report events; answers come in the order of the reports. Never raises for what Wix does."""

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        """Cancel events by id; answers come in the order of the ids. Never raises for what Wix does."""


class WixSignatures(Protocol):
    """Shows that a token comes from Wix, for this app, and not too long ago.

    Both raise `MalformedToken` or `UntrustedToken`, before which nothing of a token is to be believed.
    """

    def webhook(self, token: str) -> SignedWebhook:
        """Return what a webhook says; that it is about our app is still to be checked: its token names none."""

    def service_plugin(self, token: str) -> Mapping[str, Any]:
        """Return the `data` of a service plugin's call: `request` and `metadata`, as Wix documents them."""
