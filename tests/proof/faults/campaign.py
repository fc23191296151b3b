"""Events through the functions while everything around them fails and workers are killed; then peace, and a look."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from tests.proof.faults import troubles
from tests.proof.faults.burst import RULES
from tests.proof.faults.deployment import BUS, CALLERS
from tests.proof.faults.fleet import Fleet, open_fleet
from tests.proof.faults.lambdas import KILLED
from tests.proof.faults.quiet import wait_until_quiet
from tests.proof.traffic.audit import Audit, audit_of
from tests.proof.traffic.oracle import expectations
from tests.proof.traffic.producers import Producers, Request, envelope
from tests.proof.traffic.quiet import messages_on
from tests.sandbox.aws import MiniStack
from tests.sandbox.opening import guid
from tests.sandbox.wix import Effect, Entry, Route

Say = Callable[[int], None]
"""Is told how many more events were sent."""

_WAYS: Final = {"InboxQueue": 0.8, BUS: 0.1, CALLERS: 0.1}
# What waits for Wix waits for up to half a minute: so Wix is well again before the others are.
_PEACE_AT_WIX: Final = 0.6
_TICK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of it; `rate` is events a second."""

    events: int
    kills: int
    rate: float
    sites: int = 24
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended."""

    audit: Audit
    figures: Mapping[str, float]


def campaign(aws: MiniStack, scale: Scale, folder: Path, say: Say = lambda _: None) -> Outcome:
    """Run it all; `folder` takes what the workers print."""
    sites = [guid(f"site {number}") for number in range(scale.sites)]
    requests = Producers(sites, scale.seed).requests(scale.events)
    with open_fleet(aws, sites, folder) as fleet:
        began = time.monotonic()
        _trouble(fleet, scale, requests, say)
        peace = time.monotonic()
        redriven = wait_until_quiet(fleet)
        expected = expectations(fleet.deployment.app.app_id, requests)
        audit = audit_of(expected, fleet.deployment.ledger, fleet.wix, sites)
        seconds = {"seconds with faults": peace - began, "seconds until quiet": time.monotonic() - peace}
        figures = {"events": scale.events, **_figures(fleet), "redriven by hand": redriven, **seconds}
        return Outcome(audit, figures | audit.figures)


def _trouble(fleet: Fleet, scale: Scale, requests: Sequence[Request], say: Say) -> None:
    """Send everything, while less and less of the world is well, and then all of it is."""
    chance = Random(scale.seed)  # noqa: S311 - a test's chance
    well = int(len(requests) * _PEACE_AT_WIX)
    fleet.burst.fail(*RULES)
    troubles.script(fleet.wix, scale.seed)
    _send(fleet, scale, requests[:well], chance, say)
    fleet.wix.faults.clear()
    _send(fleet, scale, requests[well:], chance, say)
    fleet.burst.fail()


def _send(fleet: Fleet, scale: Scale, requests: Sequence[Request], chance: Random, say: Say) -> None:
    """Send at the rate, and kill a worker now and then."""
    began, sent, killed = time.monotonic(), 0, _killed(fleet)
    kills = scale.kills * len(requests) / scale.events
    while sent < len(requests) or _killed(fleet) - killed < kills:
        due = min(len(requests), int((time.monotonic() - began) * scale.rate))
        for request in requests[sent:due]:
            _send_one(fleet, request, *chance.choices(list(_WAYS), list(_WAYS.values())))
        say(due - sent)
        sent = due
        if _killed(fleet) - killed < kills * sent / len(requests):
            _kill_one(fleet, chance)
        threading.Event().wait(_TICK_SECONDS * chance.random())


def _send_one(fleet: Fleet, request: Request, way: str) -> None:
    body = envelope(request) if way == BUS else json.dumps(request)
    fleet.deployment.aws.clients.sqs.send_message(
        QueueUrl=fleet.deployment.queue_urls[way], MessageBody=body, MessageGroupId=request["instanceId"]
    )


def _killed(fleet: Fleet) -> int:
    return fleet.tally.counts[KILLED]


def _kill_one(fleet: Fleet, chance: Random) -> None:
    if busy := [worker for worker in fleet.workers if worker.is_busy]:
        chance.choice(busy).kill()


def _figures(fleet: Fleet) -> dict[str, float]:
    calls = fleet.wix.journal.calls()
    reported = [entry.external_entity_id for call in calls for entry in call.items if call.route.reports]
    return {
        **fleet.tally.counts,
        **{f"AWS: {kind}": number for kind, number in fleet.burst.faults().items()},
        **{f"Wix: {kind}": number for kind, number in troubles.injected(fleet.wix).items()},
        "calls to Wix": sum(call.route is not Route.TOKEN for call in calls),
        "reports sent again": len(reported) - len(set(reported)),
        "reports that came after their cancel": _overtaken(entry for call in calls for entry in call.items),
        "refused": messages_on(fleet.deployment.aws.clients.sqs, fleet.deployment.queue_urls["RefusedQueue"]),
    }


def _overtaken(entries: Iterable[Entry]) -> int:
    """Count what a second cancel is for: Wix knew nothing of an event when it was cancelled, and then it came."""
    missed: set[str | None] = set()
    came: set[str | None] = set()
    for entry in entries:
        if entry.effect is Effect.NOTHING_TO_CANCEL:
            missed.add(entry.external_entity_id)
        if entry.effect is Effect.REPORTED and entry.external_entity_id in missed:
            came.add(entry.external_entity_id)
    return len(came)
