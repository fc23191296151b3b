"""The harness's side of the stub: starts it, and asks it what no contender would."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


class StubProcess:
    """The stub as a process of its own, so that its work is nobody else's processor time."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.benchmarks.stubs.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def world(self, name: str) -> StubClient:
        """Return a world of its own, empty and without delay."""
        asking = StubClient(f"http://127.0.0.1:{self.port}/{name}")
        asking.ask("reset")
        return asking


class StubClient:
    """Asks about one contender's world."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._host, self._path = urlsplit(base_url).netloc, urlsplit(base_url).path

    def ask(self, what: str, **request: object) -> Any:  # noqa: ANN401 - any JSON
        """Ask for `take`, `counts`, `effect`, `late`, `forget` or `reset`."""
        with closing(HTTPConnection(self._host)) as connection:
            connection.request("POST", f"{self._path}/stub/{what}", json.dumps(request))
            return json.load(connection.getresponse())
