"""The console's server: who may ask it, what it streams, and that a stream goes on where it was cut."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pytest
import requests

from tests.sandbox.console import Console, Note, Sent, Way
from tests.sandbox.wix import AppDriver, WixSandbox
from tests.sandbox.wix.samples import APP, PAYLOAD, SITE, guid
from tests.support.waiting import PATIENCE_SECONDS, wait_until
from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.domain.catalogue.trigger import Catalogue

HERE = SITE.instance_id


@dataclass
class Bundle:
    """Our side, which knows one event, and remembers what it was asked."""

    catalogue: Catalogue = field(default_factory=lambda: load_catalogue(files("triggers")))
    app_id: str = APP.app_id
    sent: list[tuple[Way, Mapping[str, Any]]] = field(default_factory=list)
    log: list[Note] = field(default_factory=list)

    def send(self, way: Way, request: Mapping[str, Any]) -> Sent:
        self.sent.append((way, request))
        return Sent(result={"outcome": "accepted"}) if way is Way.DIRECT else Sent(source_id="message-1")

    def event(self, event_id: str) -> list[dict[str, Any]]:
        return [{"event": event_id, "state": "reported"}] if event_id == guid("an event") else []

    def entity(self, site: str, trigger: str, entity: str | None, occurrence: str | None) -> list[dict[str, Any]]:
        return [{"site": site, "trigger": trigger, "entity": entity, "id": occurrence}]

    def notes(self) -> Sequence[Note]:
        log, self.log = self.log, []
        return log

    def recover(self) -> None:
        self.sent.append((Way.DIRECT, {"recover": True}))


@dataclass
class ConsoleHarness:
    wix: WixSandbox
    ours: Bundle
    url: str

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", headers=headers, timeout=PATIENCE_SECONDS)

    def post(self, path: str, body: object, **headers: str) -> requests.Response:
        own = {"Origin": self.url, **headers}
        return requests.post(f"{self.url}{path}", json=body, headers=own, timeout=PATIENCE_SECONDS)

    def report(self, name: str = "an event") -> None:
        driver = AppDriver(self.wix.url, APP, HERE)
        driver.fetch_token()
        driver.report("invoice_due", externalEntityId=guid(name), payload=PAYLOAD).raise_for_status()

    def streamed(self, last: str | None = None) -> Iterator[tuple[str, str, Any]]:
        """Yield id, kind and data of each message, until the reader stops or its patience ends."""
        headers, deadline = {} if last is None else {"Last-Event-ID": last}, time.monotonic() + PATIENCE_SECONDS
        url = f"{self.url}/api/stream"
        with requests.get(url, headers=headers, stream=True, timeout=PATIENCE_SECONDS) as answer:
            message: dict[str, str] = {}
            for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
                assert time.monotonic() < deadline, "the stream brings nothing but signs of life"
                name, _, value = line.partition(": ")
                message[name] = value
                if not line and "data" in message:
                    yield message.get("id", ""), message.get("event", "message"), json.loads(message["data"])
                    message = {}

    def until(self, what: str, last: str | None = None) -> tuple[str, list[dict[str, Any]]]:
        """Read until an entry about something has come; give the last id, and all entries so far."""
        entries: list[dict[str, Any]] = []
        for name, kind, data in self.streamed(last):
            entries += data if kind == "message" else []
            if any(entry["what"] == what for entry in entries):
                return name, entries
        raise AssertionError(what)


@pytest.fixture
def harness() -> Iterator[ConsoleHarness]:
    ours = Bundle()
    with WixSandbox([APP], [SITE]) as wix, Console(wix, ours) as console:
        yield ConsoleHarness(wix, ours, console.url.rstrip("/"))


def test_the_page_allows_no_script_but_its_own_files(harness: ConsoleHarness) -> None:
    answer = harness.get("/")

    assert answer.status_code == 200
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"])
@pytest.mark.parametrize("path", ["/", "/api/scene", "/api/stream", "/page/main.js", "/_sandbox/sites"])
def test_a_name_that_was_bound_to_this_machine_is_refused(harness: ConsoleHarness, host: str, path: str) -> None:
    assert harness.get(path, Host=host).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
@pytest.mark.parametrize("path", ["/api/send", "/api/recover", f"/_sandbox/sites/{HERE}/clock"])
def test_another_page_changes_nothing(harness: ConsoleHarness, origin: str, path: str) -> None:
    assert harness.post(path, {}, Origin=origin).status_code == 403
    assert harness.ours.sent == []


@pytest.mark.parametrize("way", list(Way))
def test_a_request_is_sent_by_the_way_that_was_chosen(harness: ConsoleHarness, way: Way) -> None:
    answer = harness.post("/api/send", {"way": way, "request": {"action": "report"}})

    assert harness.ours.sent == [(way, {"action": "report"})]
    assert answer.json()["sourceId"] == (None if way is Way.DIRECT else "message-1")


@pytest.mark.parametrize(
    "path, body, pointer, rule",
    [
        ("/api/send", {"way": "pigeon", "request": {}}, "/way", "enum"),
        ("/api/send", {"way": "bus", "request": []}, "/request", "type"),
        ("/api/send", [], "", "type"),
        ("/api/troubles", {"name": "flood", "on": True}, "/name", "enum"),
        ("/api/troubles", {"name": "cut", "site": "nowhere", "on": True}, "/site", "unknown-site"),
        ("/api/apps", {"site": "nowhere", "installed": True}, "/site", "unknown-site"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_place(
    harness: ConsoleHarness, path: str, body: object, pointer: str, rule: str
) -> None:
    answer = harness.post(path, body)

    assert answer.status_code == 400
    assert answer.json() == {"errors": [{"pointer": pointer, "rule": rule}]}


def test_a_stream_begins_with_all_that_happened(harness: ConsoleHarness) -> None:
    harness.report()
    _, entries = harness.until("activation")

    assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))
    (event,) = [entry for entry in entries if entry["what"] == "event"]
    assert (event["event"], event["trigger"], event["effect"]) == (guid("an event"), "invoice_due", "reported")


def test_a_stream_that_was_cut_goes_on_where_it_was(harness: ConsoleHarness) -> None:
    harness.report("one")
    last, before = harness.until("activation")
    harness.report("two")
    _, after = harness.until("activation", last)

    assert after[0]["number"] == before[-1]["number"] + 1
    assert {entry["event"] for entry in after if entry["what"] == "event"} <= {guid("two")}


def test_a_stream_of_an_earlier_start_begins_anew(harness: ConsoleHarness) -> None:
    harness.report()

    assert next(harness.streamed("0badcafe-7"))[1] == "start"
    assert harness.until("activation", "0badcafe-7")[1][0]["number"] == 1


def whole_way(harness: ConsoleHarness, event: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the way of an event once all have told of it: each side's watcher tells when it comes to it."""
    way = harness.get(f"/api/events/{event}").json()
    return way if {entry["what"] for entry in way["entries"]} >= {"call", "event", "activation", "note"} else None


def test_one_events_way_holds_what_both_sides_know(harness: ConsoleHarness) -> None:
    harness.report()
    harness.ours.log.append(Note(1.0, "deliver", {"log_event": "DELIVERY_001", "event_id": guid("an event")}))
    harness.until("note")
    way = wait_until(lambda: whole_way(harness, guid("an event")))

    assert way["ledger"][0]["state"] == "reported"
    (event,) = [entry for entry in way["entries"] if entry["what"] == "event"]
    assert event["payload"] == PAYLOAD
    assert harness.get(f"/api/entries/{event['number']}").json()["payload"] == PAYLOAD
    assert harness.get("/api/entries/999999").status_code == 404


def test_a_trouble_stands_until_it_is_switched_off(harness: ConsoleHarness) -> None:
    driver = AppDriver(harness.wix.url, APP, HERE)
    driver.fetch_token()
    harness.post("/api/troubles", {"name": "unavailable", "site": HERE, "on": True})
    troubled = [driver.cancel("invoice_due", guid("an event")).status_code for _ in range(3)]
    assert driver.fetch_token().status_code == 200
    harness.post("/api/troubles", {"name": "unavailable", "site": HERE, "on": False})

    assert troubled == [503, 503, 503]
    assert driver.cancel("invoice_due", guid("an event")).status_code == 200
    assert harness.get("/api/scene").json()["on"] == []


def test_recovery_runs_when_it_is_asked_for(harness: ConsoleHarness) -> None:
    assert harness.post("/api/recover", {}).status_code == 200
    assert harness.ours.sent == [(Way.DIRECT, {"recover": True})]
