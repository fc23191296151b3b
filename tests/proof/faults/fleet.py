"""The functions of template.yaml at work: a worker for each entry point, over the local AWS and Wix, with faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.proof.faults import handlers, lambdas
from tests.proof.faults.burst import Burst
from tests.proof.faults.deployment import BUS, CALLERS, EFFECT_WITHIN_SECONDS, Deployment
from tests.proof.faults.handlers import Handler
from tests.proof.faults.lambdas import Loop, Tally
from tests.proof.faults.workers import Worker
from tests.sandbox.aws import MiniStack
from tests.sandbox.opening import our_app
from tests.sandbox.wix import Site, WixSandbox
from tests.support.fixtures import TRIGGERS
from trigger_provider.adapters.catalogue_files import load_catalogue

# Fewer than the template allows, so that there are more batches to be killed in.
_BATCH: Final = 25
# They spend their time waiting for Wix, and for AWS to take what it has refused.
_DELIVERIES: Final = 4


@dataclass(frozen=True)
class Fleet:
    """All that takes part; `loops` are the mappings and the schedule, each with its worker."""

    deployment: Deployment
    wix: WixSandbox
    burst: Burst
    loops: Sequence[Loop]
    tally: Tally

    @property
    def workers(self) -> Sequence[Worker]:
        """Return those who can be killed."""
        return [loop.worker for loop in self.loops]


@contextmanager
def open_fleet(aws: MiniStack, sites: Sequence[str], folder: Path) -> Iterator[Fleet]:
    """Start everything, failing nowhere yet; `folder` takes what the workers print."""
    app = our_app(load_catalogue(TRIGGERS))
    wixs_sites = [Site(site) for site in sites]
    with WixSandbox([app], wixs_sites, effect_within=EFFECT_WITHIN_SECONDS) as wix, Burst(aws.endpoint) as burst:
        deployment, tally = Deployment(aws, app, wix.url), Tally()
        loops = _loops(deployment, burst.endpoint, tally, folder)
        burst.warm_up()
        for loop in loops:
            loop.start()
        try:
            yield Fleet(deployment, wix, burst, loops, tally)
        finally:
            for loop in loops:
                loop.stop()


def _loops(deployment: Deployment, endpoint: str, tally: Tally, folder: Path) -> list[Loop]:
    def started(logical_id: str, loop: Callable[[Worker], Loop]) -> Loop:
        return loop(Worker(deployment.function(logical_id, endpoint), folder / f"{logical_id}.log"))

    def behind(handler: Handler) -> Callable[[Worker], Loop]:
        return lambda worker: lambdas.mapping(deployment.aws.clients.sqs, handler, worker, tally)

    mappings = [(name, behind(handler)) for name, handler in _handlers(deployment)]
    wanted = [("RecoverFunction", lambda worker: lambdas.schedule(worker, tally)), *mappings]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(started, *zip(*wanted, strict=True)))


def _handlers(deployment: Deployment) -> list[tuple[str, Handler]]:
    urls = deployment.queue_urls
    return [
        ("IntakeSqsFunction", _batches(urls["InboxQueue"])),
        ("IntakeSqsFunction", _batches(urls["InboxQueue"])),
        ("IntakeEventbridgeFunction", Handler(urls[BUS], 1, handlers.an_event)),
        ("IntakeDirectFunction", Handler(urls[CALLERS], 10, handlers.a_call, handlers.of_a_call)),
        *[("DeliverFunction", _batches(urls["DeliveryQueue"]))] * _DELIVERIES,
        ("DeadLettersFunction", _batches(urls["DeliveryDeadLetterQueue"])),
    ]


def _batches(queue_url: str) -> Handler:
    return Handler(queue_url, _BATCH, handlers.a_batch, handlers.of_a_batch)
