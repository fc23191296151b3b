"""The Wix client as it is put together, with a Wix on loopback, a clock and a secret that a test may change.

Time is virtual, and a call may take as long as the machine needs. Only a `hasty` client gives up by the real time. A
test uses it only for calls that Wix does not answer.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import requests  # noqa: TID251 - its session is what a client is made with
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from requests.adapters import BaseAdapter  # noqa: TID251 - the same

from tests.sandbox.wix import WixSandbox
from tests.sandbox.wix.samples import APP, OTHER_SITE, PAYLOAD, SITE, guid
from tests.support.permits import UNLIMITED_PERMITS
from tests.support.waiting import PATIENCE_SECONDS
from trigger_provider.adapters.wix.automations import WixAutomations, session
from trigger_provider.adapters.wix.secret import WixSecret
from trigger_provider.adapters.wix.token_cache import TokenCache
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind

HERE, ELSEWHERE = SITE.instance_id, OTHER_SITE.instance_id
TRIGGER = "invoice_due"
CONNECT, READ, SHORT_READ = 0.5, 5.0, 0.3
STARTS_AT = 1_795_507_200_000
"""2026-11-24T08:00:00Z"""

KEY_TTL_MS = 1_900_800_000
GOOD_SECRET = json.dumps({"appId": APP.app_id, "appSecret": APP.secret})
ACCEPTED = (ResultKind.DONE, "wix 200")
Result = TypeVar("Result")


@dataclass
class Clock:
    """Time that stands still until a test moves it ahead. It keeps the port `Clock`."""

    ahead: int = 0

    def now(self) -> int:
        return STARTS_AT + self.ahead


@dataclass
class PatientAdapter(BaseAdapter):
    """Sends as `sends` does, but waits for longer than the client asks; `timeouts` is what it asks for, call by call.

    What a client asks for follows from the clock alone, so a test can compare it. A hasty client shows that its library
    keeps to it.
    """

    sends: BaseAdapter
    timeouts: list[Any] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, *_: Any, **how: Any) -> requests.Response:  # noqa: ANN401 - the library's
        self.timeouts.append(how["timeout"])
        return self.sends.send(request, **{**how, "timeout": PATIENCE_SECONDS})

    def close(self) -> None:
        self.sends.close()


def patient_session(pool_size: int) -> requests.Session:
    """Return the session that ships, with the one difference that it waits for an answer as long as it takes."""
    http = session(pool_size)
    for prefix, adapter in list(http.adapters.items()):
        http.mount(prefix, PatientAdapter(adapter))
    return http


def timeouts_of(http: requests.Session) -> list[Any]:
    """Return the timeouts that calls of a patient session asked for, in seconds: to connect, and for the next bytes."""
    adapters = [adapter for adapter in http.adapters.values() if isinstance(adapter, PatientAdapter)]
    return [timeouts for adapter in adapters for timeouts in adapter.timeouts]


class Secrets:
    """Secrets Manager with one secret: each read returns the next of its values, and the last one for ever."""

    def __init__(self, *values: str) -> None:
        self.values = list(values)
        self.reads = 0

    def get_secret_value(self, **_: str) -> dict[str, str]:
        self.reads += 1
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        if not value:
            raise PermissionError("planted: who may not read what")
        return {"SecretString": value}


@dataclass
class WixHarness:
    """A client and what it talks to."""

    wix: WixSandbox
    clock: Clock
    secrets: Secrets
    secret: WixSecret
    tokens: TokenCache
    api: WixAutomations

    def soon(self) -> int:
        return self.clock.now() + 600_000

    def report(self, *events: str, site: str = HERE) -> list[ItemResult]:
        return list(self.api.report(site, TRIGGER, [a_report(text) for text in events or ["an event"]], self.soon()))

    def cancel(self, *events: str) -> list[ItemResult]:
        return list(self.api.cancel(HERE, TRIGGER, [guid(text) for text in events or ["an event"]], self.soon()))

    def calls(self, route: str | None = None) -> list[int | None]:
        """Return the statuses of the calls that Wix has had."""
        return [call.status for call in self.wix.journal.calls(route)]

    def live(self) -> list[str | None]:
        return [event.external_entity_id for event in self.wix.live_events(HERE, TRIGGER)]


@contextmanager
def a_client(
    url: str,
    clock: Clock,
    secrets: Secrets,
    **of_the_session: Any,  # noqa: ANN401 # whatever a session has
) -> Iterator[tuple[WixSecret, TokenCache, WixAutomations]]:
    client: Any = secrets
    secret = WixSecret(SecretsProvider(boto3_client=client), "a secret", APP.app_id, clock)
    with patient_session(16) as http:
        vars(http).update(of_the_session)
        tokens = TokenCache(http, url, secret, clock, (CONNECT, READ), UNLIMITED_PERMITS)
        yield secret, tokens, WixAutomations(http, url, tokens, clock, (CONNECT, READ), KEY_TTL_MS, UNLIMITED_PERMITS)


@contextmanager
def open_harness() -> Iterator[WixHarness]:
    clock, secrets = Clock(), Secrets(GOOD_SECRET)
    with (
        WixSandbox([APP], [SITE, OTHER_SITE], clock=lambda: clock.now() / 1000) as wix,
        a_client(wix.url, clock, secrets) as (secret, tokens, api),
    ):
        yield WixHarness(wix, clock, secrets, secret, tokens, api)


@contextmanager
def with_short_timeouts(harness: WixHarness, *, for_tokens: bool = False) -> Iterator[WixHarness]:
    """Return the same Wix with a client that soon stops waiting for answers to its calls, or also for tokens."""
    timeouts = (PATIENCE_SECONDS, SHORT_READ)
    with session(4) as http:
        tokens = (
            TokenCache(http, harness.wix.url, harness.secret, harness.clock, timeouts, UNLIMITED_PERMITS)
            if for_tokens
            else harness.tokens
        )
        api = WixAutomations(http, harness.wix.url, tokens, harness.clock, timeouts, KEY_TTL_MS, UNLIMITED_PERMITS)
        yield replace(harness, tokens=tokens, api=api)


def a_report(event: str = "an event", payload: str | None = None) -> EventReport:
    return EventReport(guid(event), f"key of {event}", payload or json.dumps(PAYLOAD))


def outcomes_of(answers: list[ItemResult]) -> list[tuple[ResultKind, str]]:
    return [(answer.kind, answer.reason) for answer in answers]


def switch(harness: WixHarness, **switches: Any) -> None:  # noqa: ANN401 # any switch
    harness.wix.switches = replace(harness.wix.switches, **switches)


def call_together(threads: int, call: Callable[[], Result]) -> list[Result]:
    """Call from so many threads that start together."""
    gate = threading.Barrier(threads)

    def through() -> Result:
        gate.wait(PATIENCE_SECONDS)
        return call()

    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(through) for _ in range(threads)]]
