"""What ships: the handlers of intake_sqs and deliver, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from tests.bench.benchmarks.stubs.stub_client import StubClient
from tests.bench.benchmarks.workload import batch_event, received

_FUNCTIONS = Path(__file__).parents[4] / "functions"
_AT_ONCE = "-at-once"
# So long that no slow machine is short of it: what is measured is never waited out.
_REMAINING = 600_000


class Context:
    """What a handler is told of its invocation."""

    function_name = "benchmark"
    function_version = "$LATEST"
    memory_limit_in_mb = 1_024
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:benchmark"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        """As much as at the beginning."""
        return _REMAINING


class Ours:
    """Takes requests in, and delivers what then lies on the delivery queue, all at once as Lambda would bring it.

    A way that ends with `-at-once` also sends each second cancel at once, so that it is measured without a wait.
    """

    def __init__(self, base_url: str, way: str = "sqs") -> None:
        self._stub = StubClient(base_url)
        self._queue = f"{base_url}/delivery"
        self._way = way.removesuffix(_AT_ONCE)
        self._intake, self._deliver = _module(f"intake_{self._way}").handler, _deliver(at_once=way.endswith(_AT_ONCE))

    def steps(self, requests: list[dict[str, Any]]) -> Iterator[Callable[[], object]]:
        """Return what is timed; what lies between is Lambda's."""
        events = _EVENTS[self._way](requests)
        yield lambda: [self._intake(event, Context()) for event in events]
        messages = self._stub.ask("take", queue=self._queue)
        delivery = received(messages, int(time.time() * 1_000))
        yield lambda: self._deliver(delivery, Context())


# What Lambda brings of so many requests: all at once, or each in an invocation of its own.
_EVENTS: Mapping[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "sqs": lambda requests: [batch_event(requests)],
    "direct": lambda requests: [{"requests": requests}],
    "eventbridge": lambda requests: [
        {"id": str(at), "source": "com.example", "detail-type": "Wix Trigger Request", "detail": request}
        for at, request in enumerate(requests)
    ],
}


def _deliver(*, at_once: bool) -> Callable[[object, Context], object]:
    module = _module("deliver")
    if at_once:
        deliver = module.delivery.deliver
        module.delivery = replace(
            module.delivery, deliver=replace(deliver, policy=deliver.policy._replace(settle_delay=0))
        )
    handler: Callable[[object, Context], object] = module.handler
    return handler


def _module(function: str) -> Any:  # noqa: ANN401 - what is in a handler's file
    spec = spec_from_file_location(function, _FUNCTIONS / function / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
