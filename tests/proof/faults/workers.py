"""Worker processes as Lambda has them: each holds one function's handler, takes one event at a time, and can be killed.

They are forked from a process that has imported the libraries, so that a new one is there in a moment.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from tests.support.waiting import PATIENCE_SECONDS

FORKING: Final = get_context("forkserver")
FORKING.set_forkserver_preload(["boto3", "requests", "jsonschema_rs", "aws_lambda_powertools.metrics"])


class WorkerDiedError(Exception):
    """It was killed, perhaps since it had reached its timeout."""

    def __init__(self, *, is_timeout: bool) -> None:
        super().__init__("at its timeout" if is_timeout else "killed")
        self.is_timeout = is_timeout


class HandlerFailedError(Exception):
    """The handler raised; the message is what."""


@dataclass(frozen=True, slots=True)
class Function:
    """What Lambda knows of a function."""

    folder: str
    timeout: float
    environment: Mapping[str, str]


@dataclass(slots=True)
class Context:
    """What a handler is told of its invocation."""

    ends: float
    aws_request_id: str
    function_name: str = "a function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:a-function"

    def get_remaining_time_in_millis(self) -> int:
        return int((self.ends - time.monotonic()) * 1000)


class Worker:
    """One process at a time. `is_busy` while it works on an event."""

    def __init__(self, function: Function, log: Path) -> None:
        self.function = function
        self.is_busy = False
        self._log = log
        self._has_died = False
        self._start()

    def invoke(self, event: object) -> Any:  # noqa: ANN401 - whatever the handler gives
        """Return what the handler gives; for a worker that has died there is a new one by the next event."""
        if self._has_died:
            self._start()
        try:
            is_answer, answer = self._exchanged(event)
        except (EOFError, OSError) as death:
            self._has_died = True
            raise WorkerDiedError(is_timeout=isinstance(death, TimeoutError)) from death
        if not is_answer:
            raise HandlerFailedError(answer)
        return answer

    def kill(self) -> None:
        """Kill it with SIGKILL, wherever it is."""
        self._process.kill()

    def stop(self) -> None:
        """End it, and wait until it is gone."""
        self._calls.close()
        self.kill()
        self._process.join()

    def _start(self) -> None:
        self._calls, theirs = FORKING.Pipe()
        self._process = FORKING.Process(target=serve, args=(self.function, self._log, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._received(PATIENCE_SECONDS)
        self._has_died = False

    def _exchanged(self, event: object) -> tuple[bool, Any]:
        try:
            self._calls.send(event)
            self.is_busy = True
            return self._received(self.function.timeout)
        finally:
            self.is_busy = False

    def _received(self, seconds: float) -> tuple[bool, Any]:
        if not self._calls.poll(seconds):
            self.kill()
            raise TimeoutError
        answer: tuple[bool, Any] = self._calls.recv()
        return answer


def serve(function: Function, log: Path, calls: Connection) -> None:
    """Be a worker: load the handler in the function's environment, and answer events until nobody asks any more."""
    os.environ.update(function.environment)
    printed = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(printed, stream.fileno())
    handler = import_module(f"functions.{function.folder}.handler").handler
    calls.send((True, None))
    while (event := _next(calls)) is not None:
        calls.send(_answered(handler, event, Context(time.monotonic() + function.timeout, os.urandom(8).hex())))


def _next(calls: Connection) -> object:
    try:
        return calls.recv()
    except EOFError:
        return None


def _answered(handler: Callable[[Any, Any], object], event: object, context: Context) -> tuple[bool, object]:
    try:
        return True, handler(event, context)
    except Exception as error:  # noqa: BLE001 - as Lambda does
        return False, f"{type(error).__name__}: {error}"
