"""The handler of webhooks over sites in memory, and what Wix sends to it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from tests.sandbox.wix.signer import app_instance_event
from tests.support.memory_sites import MemorySites
from tests.support.rows import APP, SITE
from tests.support.signatures import SIGNATURES, WIX
from trigger_provider.adapters.system.clock import SystemClock
from trigger_provider.domain.durations import DAY
from trigger_provider.entrypoints.app_webhooks import WebhookHandler
from trigger_provider.use_cases.sites.installation import Installation

NOW: Final = int(time.time())
"""In seconds; the real time, for a token's times are compared with it."""


@dataclass
class WebhookClient:
    """The handler as Lambda would call it."""

    sites: MemorySites = field(default_factory=MemorySites)

    def __post_init__(self) -> None:
        tokens = count()
        installation = Installation(self.sites, SystemClock(), lambda: f"token-{next(tokens)}", 45 * DAY)
        self.handle = WebhookHandler(SIGNATURES, installation, APP)

    def status(self, event: dict[str, Any]) -> int:
        """Return the status of the answer, which never says more than that."""
        answer = self.handle.handle(event)
        assert (answer["body"], set(answer)) == ("", {"statusCode", "headers", "body"})
        return int(answer["statusCode"])


def a_webhook(event_type: str = "AppRemoved", at: float = NOW, **changes: Any) -> str:  # noqa: ANN401 - any JSON
    """Return a token that Wix has signed; `changes` are of the event in it."""
    return WIX.webhook({**app_instance_event(event_type, SITE, APP), **changes}, at)
