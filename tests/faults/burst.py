"""Microburst, a proxy between the functions and the local AWS that fails as AWS does."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final, Self

import requests
from aiohttp import web
from microburst.app import make_app
from microburst.core.pipeline import Microburst

from tests.faults.workers import FORKING
from tests.sandbox.aws import Clients
from tests.sandbox.aws.ministack import a_free_port

Rule = Mapping[str, Any]

START_SECONDS: Final = 30
RULES: Final[Sequence[Rule]] = (
    {"service": "dynamodb", "probability": 0.04, "error": {"code": "ProvisionedThroughputExceededException"}},
    {"service": "sqs", "probability": 0.04, "error": {"code": "RequestThrottled"}},
    {"service": "*", "probability": 0.03, "reset": True},
    # The write is applied, and nobody hears of it.
    {"service": "*", "probability": 0.05, "response": {"abort_frac": 0.3}},
)


class Burst:
    """A context manager around the proxy, in a process of its own on loopback; at first it lets everything through."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream

    def __enter__(self) -> Self:
        port = a_free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self._alive, theirs = FORKING.Pipe()
        self._process = FORKING.Process(target=serve, args=(self._upstream, port, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._http = requests.Session()
        self._http.trust_env = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self._alive.close()
        self._process.join()

    def warm_up(self) -> None:
        """Wait until it answers; and the first call of a service takes it seconds, since it loads that one's model."""
        deadline = time.monotonic() + START_SECONDS
        while not self._is_up():
            assert time.monotonic() < deadline, "microburst does not answer"
            assert self._process.is_alive(), "microburst has ended"
            threading.Event().wait(0.05)
        clients = Clients(self.endpoint)
        clients.dynamodb.list_tables()
        clients.sqs.list_queues()
        clients.secrets.list_secrets()

    def fail(self, *rules: Rule) -> None:
        """Fail by these rules from now on; without any, no more."""
        self._http.post(f"{self.endpoint}/_microburst/rules", json=list(rules), timeout=5).raise_for_status()

    def faults(self) -> Counter[str]:
        """Count what was done so far, by kind."""
        lines = self._http.get(f"{self.endpoint}/_microburst/metrics", timeout=5).text.splitlines()
        counts: Counter[str] = Counter()
        for line in lines:
            if line.startswith("microburst_faults_total"):
                labels, number = line.rsplit(" ", 1)
                counts[labels.partition('action="')[2].rstrip('"}')] += int(number)
        return counts

    def _is_up(self) -> bool:
        try:
            return self._http.get(f"{self.endpoint}/_microburst/health", timeout=5).ok
        except requests.ConnectionError:
            return False


def serve(upstream: str, port: int, alive: Connection) -> None:
    """Be the proxy, until whoever started it is gone."""
    # It writes a trace for each worker that is killed in the middle of a call.
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()
    web.run_app(make_app(Microburst(upstream)), host="127.0.0.1", port=port, print=None, access_log=None)


def _end_with(alive: Connection) -> None:
    with contextlib.suppress(EOFError):
        alive.recv()
    os._exit(0)
