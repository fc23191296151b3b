"""The Wix client as it is put together, with a Wix on loopback, a clock and a secret that a test may change."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from tests.sandbox.wix import WixSandbox
from tests.sandbox.wix.samples import APP, OTHER_SITE, PAYLOAD, SITE, guid
from trigger_provider.adapters.wix_automations import WixAutomations, session
from trigger_provider.adapters.wix_secret import WixSecret
from trigger_provider.adapters.wix_tokens import WixTokens
from trigger_provider.wix_calls import Answer, EventReport, Verdict

HERE, ELSEWHERE = SITE.instance_id, OTHER_SITE.instance_id
TRIGGER = "invoice_due"
CONNECT, READ, HASTY_READ = 0.5, 5.0, 0.3
KEY_TTL_MS = 1_900_800_000
GOOD_SECRET = json.dumps({"appId": APP.app_id, "appSecret": APP.secret})
ACCEPTED = (Verdict.DONE, "wix 200")
Result = TypeVar("Result")


@dataclass
class Clock:
    """Real time, and as far ahead of it as a test wants; or time that stands still but for that."""

    ahead: int = 0
    stands_at: int | None = None

    def now(self) -> int:
        return (int(time.time() * 1000) if self.stands_at is None else self.stands_at) + self.ahead


class Secrets:
    """Secrets Manager with one secret: each read gives the next of its values, the last one for ever."""

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
class Stand:
    """A client and what it talks to."""

    wix: WixSandbox
    clock: Clock
    secrets: Secrets
    secret: WixSecret
    tokens: WixTokens
    api: WixAutomations

    def soon(self) -> int:
        return self.clock.now() + 60_000

    def report(self, *events: str, site: str = HERE) -> list[Answer]:
        return list(self.api.report(site, TRIGGER, [a_report(one) for one in events or ["an event"]], self.soon()))

    def cancel(self, *events: str) -> list[Answer]:
        return list(self.api.cancel(HERE, TRIGGER, [guid(one) for one in events or ["an event"]], self.soon()))

    def calls(self, route: str | None = None) -> list[int | None]:
        """Give the statuses of the calls that Wix has had."""
        return [call.status for call in self.wix.journal.calls(route)]

    def live(self) -> list[str | None]:
        return [one.external_entity_id for one in self.wix.live_events(HERE, TRIGGER)]


@contextmanager
def a_client(
    url: str,
    clock: Clock,
    secrets: Secrets,
    read: float,
    **of_the_session: Any,  # noqa: ANN401 # whatever a session has
) -> Iterator[tuple[WixSecret, WixTokens, WixAutomations]]:
    client: Any = secrets
    secret = WixSecret(SecretsProvider(boto3_client=client), "a secret", APP.app_id, clock)
    with session(16) as http:
        vars(http).update(of_the_session)
        tokens = WixTokens(http, url, secret, clock, (CONNECT, read))
        yield secret, tokens, WixAutomations(http, url, tokens, clock, (CONNECT, read), KEY_TTL_MS)


@contextmanager
def a_stand(read: float) -> Iterator[Stand]:
    clock, secrets = Clock(), Secrets(GOOD_SECRET)
    with (
        WixSandbox([APP], [SITE, OTHER_SITE], clock=lambda: clock.now() / 1000) as wix,
        a_client(wix.url, clock, secrets, read) as (secret, tokens, api),
    ):
        yield Stand(wix, clock, secrets, secret, tokens, api)


def a_report(event: str = "an event", payload: str | None = None) -> EventReport:
    return EventReport(guid(event), f"key of {event}", payload or json.dumps(PAYLOAD))


def meanings(answers: list[Answer]) -> list[tuple[Verdict, str]]:
    return [(answer.verdict, answer.reason) for answer in answers]


def switch(stand: Stand, **switches: Any) -> None:  # noqa: ANN401 # any switch
    stand.wix.switches = replace(stand.wix.switches, **switches)


def at_once(threads: int, call: Callable[[], Result]) -> list[Result]:
    """Call from so many threads that start together."""
    gate = threading.Barrier(threads)

    def through() -> Result:
        gate.wait(5)
        return call()

    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(through) for _ in range(threads)]]
