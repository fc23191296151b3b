"""Drivers of the local Wix: they send what an app or a site's owner would, and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import requests

from tests.sandbox.wix.calls import Route
from tests.sandbox.wix.control import PREFIX
from tests.sandbox.wix.registry import App

CONNECT_SECONDS = 120.0
TIMEOUT_SECONDS = 120.0
TURN_TIMEOUT_SECONDS = 300.0


@dataclass
class AppDriver:
    """Calls Wix as an app on a site, with the token that it got last; waits `timeout` seconds for the next bytes."""

    url: str
    app: App
    site: str
    token: str | None = None
    timeout: float = TIMEOUT_SECONDS

    def fetch_token(self, **changes: object) -> requests.Response:
        """Ask for a token, and keep it if there is one; `changes` replace fields of the request."""
        fields = {
            "grant_type": "client_credentials",
            "client_id": self.app.app_id,
            "client_secret": self.app.secret,
            "instance_id": self.site,
            **changes,
        }
        response = self.post(Route.TOKEN, fields)
        if response.ok:
            self.token = response.json()["access_token"]
        return response

    def post(self, route: str, body: object, *, authorization: str | None = None) -> requests.Response:
        """Send a body (bytes as they stand, everything else as JSON) with the token, or with another header."""
        token = authorization or self.token
        return requests.post(
            f"{self.url}{Route(route).path}",
            data=body if isinstance(body, bytes) else json.dumps(body),
            headers={"Content-Type": "application/json", **({"Authorization": token} if token else {})},
            timeout=(CONNECT_SECONDS, self.timeout),
        )

    def report(self, trigger_key: str, **event: object) -> requests.Response:
        """Report one event; `event` holds the fields of `eventInfo` as Wix names them."""
        return self.post(Route.REPORT, {"triggerKey": trigger_key, **event})

    def bulk_report(self, trigger_key: str, *events: dict[str, object]) -> requests.Response:
        """Report many."""
        return self.post(Route.BULK_REPORT, {"triggerKey": trigger_key, "eventsInfo": list(events)})

    def cancel(self, trigger_key: str, entity: str) -> requests.Response:
        """Cancel the events of one entity."""
        return self.post(Route.CANCEL, {"triggerKey": trigger_key, "externalEntityId": entity})

    def bulk_cancel(self, trigger_key: str, *entities: str) -> requests.Response:
        """Cancel those of many."""
        return self.post(Route.BULK_CANCEL, {"triggerKey": trigger_key, "externalEntityIds": list(entities)})


@dataclass(frozen=True, slots=True)
class Owner:
    """Acts as a site's owner, and turns the site's clock: the sandbox's own routes, which Wix doesn't have."""

    url: str
    site: str
    timeout: float = TIMEOUT_SECONDS

    def ask(
        self, method: str, path: str, body: object | None = None, timeout: float | None = None
    ) -> requests.Response:
        """Call a route of this site."""
        url = f"{self.url}{PREFIX}/sites/{self.site}/{path}"
        return requests.request(method, url, json=body, timeout=timeout or self.timeout)

    def add(self, **automation: object) -> dict[str, Any]:
        """Write an automation, and give it with its id; one that is refused is an error."""
        answer = self.ask("POST", "automations", automation)
        if not answer.ok:
            raise ValueError(answer.text)
        return dict(answer.json())

    def switch(self, automation: str, status: str) -> None:
        """Make an automation `ACTIVE` or `INACTIVE`."""
        self.ask("PATCH", f"automations/{automation}", {"status": status}).raise_for_status()

    def delete(self, automation: str) -> None:
        """Remove an automation."""
        self.ask("DELETE", f"automations/{automation}").raise_for_status()

    def automations(self) -> list[dict[str, Any]]:
        """Return the automations of the site."""
        return list(self.ask("GET", "automations").json()["automations"])

    def activations(self, automation: str | None = None) -> list[dict[str, Any]]:
        """Return the activations of the site, or of one automation."""
        activations = self.ask("GET", "activations").json()["activations"]
        return [each for each in activations if automation in {None, each["automationId"]}]

    def actions(self, automation: str | None = None) -> list[dict[str, Any]]:
        """Return what was sent on the site, or for one automation."""
        actions = self.ask("GET", "actions").json()["actions"]
        return [each for each in actions if automation in {None, each["automationId"]}]

    def clock(self) -> dict[str, Any]:
        """Return what the site's clock shows."""
        return dict(self.ask("GET", "clock").json())

    def turn(self, **how: object) -> dict[str, Any]:
        """Turn the site's clock: `advance` by seconds, `to` a date-time, or `toNextAction=True`.

        The answer comes when all that was due on the way is done, and apps and webhooks may take their time.
        """
        answer = self.ask("POST", "clock", how, TURN_TIMEOUT_SECONDS)
        answer.raise_for_status()
        return dict(answer.json())
