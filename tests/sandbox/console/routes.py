"""The routes behind the page. The sandbox's own control routes stand beside them, for automations and clocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from tests.sandbox.console.feed import Feed
from tests.sandbox.console.ours import OurSide, Way
from tests.sandbox.console.scene import scene
from tests.sandbox.console.streams import Streams
from tests.sandbox.console.troubles import TROUBLES, trouble
from tests.sandbox.wix import WixSandbox

Json = dict[str, Any]


class WrongRequestError(Exception):
    """The page asked for something that can't be done: where and which rule."""

    def __init__(self, pointer: str, rule: str, status: int = 400) -> None:
        super().__init__(pointer, rule)
        self.details = {"errors": [{"pointer": pointer, "rule": rule}]}, status


class Routes:
    """Each route asks one side or the other, and keeps nothing."""

    def __init__(self, feed: Feed, streams: Streams, wix: WixSandbox, ours: OurSide) -> None:
        self._feed = feed
        self._streams = streams
        self._wix = wix
        self._ours = ours

    def blueprint(self) -> Blueprint:
        """All routes."""
        routes = Blueprint("console", __name__)
        routes.register_error_handler(WrongRequestError, lambda error: error.details)
        routes.register_error_handler(
            HTTPException, lambda error: WrongRequestError("", error.name, error.code).details
        )
        routes.get("/")(self.page)
        routes.get("/api/scene")(self.scene)
        routes.get("/api/stream")(self.stream)
        routes.get("/api/entries/<int:number>")(self.entry)
        routes.get("/api/events/<event>")(self.event)
        routes.get("/api/found")(self.find)
        routes.post("/api/send")(self.send)
        routes.post("/api/troubles")(self.switch_trouble)
        routes.post("/api/apps")(self.switch_app)
        routes.post("/api/recover")(self.recover)
        return routes

    def page(self) -> Response:
        """The page itself."""
        return current_app.send_static_file("index.html")

    def scene(self) -> Json:
        """What doesn't change while the sandbox runs, and the switches as they stand now."""
        return {"run": self._feed.run, **scene(self._wix, self._ours), "on": self._on()}

    def stream(self) -> Response:
        """Everything that happened and happens; a browser that was cut off goes on where it was."""
        return self._streams.answer(request.headers.get("Last-Event-ID", ""))

    def entry(self, number: int) -> Json:
        """The whole of one entry."""
        entry = self._feed.entry(number)
        if entry is None:
            raise WrongRequestError("", "unknown-entry", 404)
        return entry.whole_document()

    def event(self, event: str) -> Json:
        """One event's way, on both sides."""
        return {
            "ledger": self._ours.event(event),
            "entries": [entry.whole_document() for entry in self._feed.of_event(event)],
        }

    def find(self) -> Json:
        """The events of an entity, or the one of a real-time request's id."""
        asked = request.args
        if "site" not in asked or "trigger" not in asked:
            raise WrongRequestError("", "required")
        site, trigger = asked["site"], asked["trigger"]
        return {"ledger": self._ours.entity(site, trigger, asked.get("entity"), asked.get("id"))}

    def send(self) -> Json:
        """Send a request by one of the ways in: `{"way": "bus", "request": {…}}`."""
        body = _body()
        if body.get("way") not in list(Way):
            raise WrongRequestError("/way", "enum")
        if not isinstance(body.get("request"), dict):
            raise WrongRequestError("/request", "type")
        sent = self._ours.send(Way(body["way"]), body["request"])
        return {"sourceId": sent.source_id, "result": sent.result}

    def switch_trouble(self) -> Json:
        """Switch a trouble of Wix on or off, for one site or for all: `{"name": …, "site": …, "on": true}`."""
        body = _body()
        name, site = body.get("name"), body.get("site")
        if name not in TROUBLES:
            raise WrongRequestError("/name", "enum")
        if site is not None and site not in self._wix.state.registry.sites:
            raise WrongRequestError("/site", "unknown-site")
        self._wix.faults.stand(f"{name}@{site or '*'}", trouble(name, site) if body.get("on") else None)
        self._feed.add("switches", {"on": self._on()})
        return {"on": self._on()}

    def switch_app(self) -> Json:
        """Remove the app from a site, or install it again: `{"site": …, "installed": false}`."""
        body = _body()
        site = body.get("site")
        if site not in self._wix.state.registry.sites:
            raise WrongRequestError("/site", "unknown-site")
        change = self._wix.install_app if body.get("installed") else self._wix.remove_app
        change(self._ours.app_id, site)
        self._feed.add("app", {"site": site, "installed": bool(body.get("installed"))})
        return {}

    def recover(self) -> Json:
        """Bring back now what waits."""
        self._ours.recover()
        return {}

    def _on(self) -> list[str]:
        return list(self._wix.faults.standing)


def _body() -> Mapping[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise WrongRequestError("", "type")
    return body
