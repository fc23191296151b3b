"""Lambda's Runtime API for one function and one event: what its runtime client asks for, and what that has cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

_SECONDS: Final = 60


class Invocation:
    """One cold start: a process that is started, is given an event, and answers."""

    def __init__(self, event: object) -> None:
        self.event = event
        self.answered = threading.Event()
        self.error = ""
        self._given = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        # A client that is killed in mid-request is meant to be.
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def seconds(self, folder: Path, environment: Mapping[str, str]) -> float:
        """Start `handler.handler` of a folder; give the seconds of processor until its answer, or raise with its error.

        Lambda gives the start a whole processor, so on a machine with nothing else to do that is what it lasts.
        """
        host = f"127.0.0.1:{self._server.server_port}"
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "handler.handler"],
            cwd=folder,
            env={**environment, "AWS_LAMBDA_RUNTIME_API": host},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            if not self.answered.wait(_SECONDS) or self.error:
                raise RuntimeError(self.error or f"no answer within {_SECONDS} seconds")
        finally:
            process.kill()
            _, process.returncode, used = os.wait4(process.pid, 0)
            self._server.shutdown()
            self._server.server_close()
        return used.ru_utime + used.ru_stime

    def next(self) -> object | None:
        """Return the event, the first time."""
        given, self._given = self._given, True
        return None if given else self.event

    def took(self, path: str, body: bytes) -> None:
        """Note an answer, or an error."""
        self.error = "" if path.endswith("/response") else body.decode()
        self.answered.set()


def _handler(invocation: Invocation) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            event = invocation.next()
            if event is None:
                threading.Event().wait(_SECONDS)
                return
            headers = {
                "Lambda-Runtime-Aws-Request-Id": "52fdfc07-2182-454f-963f-5f0f9a621d72",
                "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1_000) + 60_000),
                "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
                "Content-Type": "application/json",
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:benchmark",
            }
            self._send(200, headers, json.dumps(event).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            invocation.took(self.path, body)
            self._send(202, {}, b"{}")

        def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as in the base class
            """Say nothing."""

    return Handler
