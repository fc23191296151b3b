"""Wix's webhooks `AppInstalled` and `AppRemoved`.

Wix waits 1250 ms for a 200. Without one it sends the webhook up to twelve times more, over two days. A 200 means that
there is nothing left to do; other kinds of webhooks also get it. A 400 or 401 means that it is no webhook of Wix for
us. A 503 means that the ledger did not answer, so Wix must send the webhook again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trigger_provider.entrypoints.function_url import answer, member, site_in, status_for, token_of
from trigger_provider.errors import LedgerUnavailable, RefusedToken, UntrustedToken
from trigger_provider.observability.log_events import LogEvent
from trigger_provider.observability.telemetry import increment, log
from trigger_provider.use_cases.sites.installation import Change, Installation, LifecycleEvent

if TYPE_CHECKING:
    from trigger_provider.use_cases.ports.wix import WixSignatures

_CHANGES: Final = {"AppInstalled": Change.INSTALLED, "AppRemoved": Change.REMOVED}
_EVENTS: Final = {Change.INSTALLED: LogEvent.APP_INSTALLED, Change.REMOVED: LogEvent.APP_REMOVED}
_MOST_CHARACTERS: Final = 24 * 1024
"""Enough for the longest token that is accepted, in base64."""


@dataclass(frozen=True, slots=True)
class WebhookHandler:
    """Takes webhooks about our app, and answers with a status only."""

    signatures: WixSignatures
    installation: Installation
    app_id: str

    def handle(self, event: object) -> dict[str, Any]:
        """Answer a call of the function URL."""
        try:
            lifecycle = self._read_lifecycle_event(event)
            if lifecycle is not None:
                self._record(lifecycle)
            return answer(200)
        except RefusedToken as refused:
            return answer(status_for(refused, LogEvent.WEBHOOK_REFUSED, "Webhook"))
        except LedgerUnavailable as unavailable:
            log(LogEvent.WEBHOOK_POSTPONED, reason=str(unavailable))
            increment("WebhookPostponed")
            return answer(503)

    def _read_lifecycle_event(self, event: object) -> LifecycleEvent | None:
        signed = self.signatures.webhook(token_of(event, _MOST_CHARACTERS))
        change = _CHANGES.get(member(signed.event, "eventType", str))
        if change is None:
            increment("WebhookIgnored")
            return None
        if not isinstance(data := signed.event["data"], dict) or data.get("appId") != self.app_id:
            raise UntrustedToken("appId")
        return LifecycleEvent(site_in(signed.event), change, signed.signed_at)

    def _record(self, lifecycle: LifecycleEvent) -> None:
        if self.installation.record(lifecycle) is None:
            log(LogEvent.WEBHOOK_UNCHANGED, instance_id=lifecycle.site)
            increment("WebhookUnchanged")
        else:
            log(_EVENTS[lifecycle.change], instance_id=lifecycle.site)
            increment(f"App{lifecycle.change.title()}")
