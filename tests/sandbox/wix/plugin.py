"""An app's service plugin as Wix calls it: a signed question over HTTP, and what the answer is taken for.

Section 6: the whole body is a JWT, issued by `wix.com` for the app, whose `data` holds `request` and `metadata`. That
an answer of another shape counts as none, and for how long Wix waits (question 15), is not known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import requests

from tests.sandbox.wix.engine.refreshing import CalledOff, NotRefreshed, Refreshed, Refreshing
from tests.sandbox.wix.signer import Signer

WAITS_SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 60.0
"""On loopback a connection is there at once or is refused, so this only bounds a machine that is very slow."""

EXTENSION: Final = "AUTOMATIONS_TRIGGER_PROVIDER"
_NO_ANSWER: Final = "the answer has not the shape of one"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and its answer. `status` is None if no answer came."""

    site: str
    request: Json
    status: int | None
    answer: object


@dataclass
class ServicePlugin:
    """The plugin of one app, behind a base address. `asked` keeps every question, the oldest first."""

    signer: Signer
    app_id: str
    base_url: str
    clock: Callable[[], float] = time.time
    waits_seconds: float = WAITS_SECONDS
    asked: list[Asked] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: count(1))

    def refresh(
        self, site: str, trigger_key: str, external_entity_id: str | None, payload: Mapping[str, Any]
    ) -> Refreshing:
        """Ask for the payload of an event just before an activation of it goes on."""
        request = {"triggerKey": trigger_key, "externalEntityId": external_entity_id, "payload": dict(payload)}
        asked = self._ask("refresh-payload", site, request)
        if asked.status is None:
            return NotRefreshed(str(asked.answer))
        return _read(asked.answer) if asked.status == requests.codes.ok else NotRefreshed(f"answered {asked.status}")

    def validate_configuration(self, site: str, trigger_key: str) -> Asked:
        """Ask whether an automation is set up well, as when an owner edits it."""
        return self._ask("validate-configuration", site, {"triggerKey": trigger_key, "selectedFilterOptions": []})

    def dynamic_schema(self, site: str, trigger_key: str) -> Asked:
        """Ask for the schema that goes with what an owner has chosen."""
        return self._ask("dynamic-schema", site, {"triggerKey": trigger_key, "selectedFilterOptions": []})

    def _ask(self, method: str, site: str, request: Json) -> Asked:
        token = self.signer.service_plugin(
            {"request": request, "metadata": self._metadata(site)}, self.app_id, self.clock()
        )
        asked = Asked(site, request, *self._post(f"{self.base_url.rstrip('/')}/{method}", token))
        self.asked.append(asked)
        return asked

    def _metadata(self, site: str) -> Json:
        number = f"question-{next(self._numbers)}"
        return {"requestId": number, "instanceId": site, "languages": ["en"], "appExtensionType": EXTENSION}

    def _post(self, url: str, token: str) -> tuple[int | None, object]:
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy
                headers, timeouts = {"content-type": "text/plain"}, (CONNECT_SECONDS, self.waits_seconds)
                answer = session.post(url, token, headers=headers, timeout=timeouts, allow_redirects=False)
        except requests.RequestException as error:
            return None, type(error).__name__
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, None


def _read(answer: object) -> Refreshing:
    if not isinstance(answer, dict) or not isinstance(answer.get("cancelActivation"), bool | None):
        return NotRefreshed(_NO_ANSWER)
    if answer.get("cancelActivation"):
        return CalledOff()
    payload = answer.get("payload")
    return Refreshed(payload) if isinstance(payload, dict) else NotRefreshed(_NO_ANSWER)
