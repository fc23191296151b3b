"""The ports to Wix: permits to call it, its Triggered Events API, and its signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trigger_provider.domain.delivery.results import EventReport, ItemResult, SignedWebhook


class Permits(Protocol):
    """Permits to call Wix. Each call needs one of its own, including the second try after a 401."""

    def acquire(self, site: str) -> ItemResult | None:
        """Acquire a permit for one call that begins now. If there is none, return the result of its items instead."""


class AutomationsApi(Protocol):
    """Wix's Triggered Events API, for one trigger of one site at a time and at most 100 items a call.

    `deadline` is absolute, on the clock's scale: no call starts that could not end before it.
    """

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        """Report events. Return the results in the order of the reports. No answer of Wix makes this raise."""

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        """Cancel events by id. Return the results in the order of the ids. No answer of Wix makes this raise."""


class WixSignatures(Protocol):
    """Checks that a token comes from Wix, for this app, and not too long ago.

    Both methods raise `MalformedToken` or `UntrustedToken`. Before they return, nothing in a token may be trusted.
    """

    def webhook(self, token: str) -> SignedWebhook:
        """Return a webhook's event. The caller must still check that it is about our app: its token names no app."""

    def service_plugin(self, token: str) -> Mapping[str, Any]:
        """Return the `data` of a service plugin's call: `request` and `metadata`, as Wix documents them."""
