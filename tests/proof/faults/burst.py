"""Microburst, a proxy between the functions and the local AWS that fails as AWS does."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final, Self

import requests
from aiohttp import web
from microburst.app import make_app
from microburst.core.pipeline import Microburst

from tests.proof.faults.workers import FORKING
from tests.sandbox.aws import Clients
from tests.support.waiting import PATIENCE_SECONDS

Rule = Mapping[str, Any]

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
        self._alive, theirs = FORKING.Pipe()
        # From here on no other process can take the port, and calls wait for ours.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
            self._process = FORKING.Process(target=serve, args=(self._upstream, listener, theirs), daemon=True)
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
        self._http.get(f"{self.endpoint}/_microburst/health", timeout=PATIENCE_SECONDS).raise_for_status()
        clients = Clients(self.endpoint)
        clients.dynamodb.list_tables()
        clients.sqs.list_queues()
        clients.secrets.list_secrets()

    def fail(self, *rules: Rule) -> None:
        """Fail by these rules from now on; without any, no more."""
        self._http.post(
            f"{self.endpoint}/_microburst/rules", json=list(rules), timeout=PATIENCE_SECONDS
        ).raise_for_status()

    def faults(self) -> Counter[str]:
        """Count what was done so far, by kind."""
        lines = self._http.get(f"{self.endpoint}/_microburst/metrics", timeout=PATIENCE_SECONDS).text.splitlines()
        counts: Counter[str] = Counter()
        for line in lines:
            if line.startswith("microburst_faults_total"):
                labels, number = line.rsplit(" ", 1)
                counts[labels.partition('action="')[2].rstrip('"}')] += int(number)
        return counts


def serve(upstream: str, listener: socket.socket, alive: Connection) -> None:
    """Be the proxy, until the process that started it is gone."""
    # It writes a trace for each worker that is killed in the middle of a call.
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()
    web.run_app(make_app(Microburst(upstream)), sock=listener, print=None, access_log=None)


def _end_with(alive: Connection) -> None:
    with contextlib.suppress(EOFError):
        alive.recv()
    os._exit(0)
