"""How soon a webhook is answered from cold, beside a bare function.

Run it by `python -m tests.bench.benchmarks.webhook_cold`.

Each start is a process of its own under Lambda's own runtime client and emulator, with the layer as it is built. What
is measured goes from the call to its answer: Python's start, imports, clients, the token, and two calls of a DynamoDB
that takes 8 ms for each. The bare function makes the same client, and answers. On a busy machine `--before-others` lets
both go before all else, for some seconds; that takes root's rights.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import requests

from tests.sandbox.aws.ministack import ROOT, a_free_port
from tests.sandbox.aws.stack import ARCHITECTURE, BUILT, build
from tests.support.fixtures import TRIGGERS
from tests.support.function_url import a_call
from tests.support.rows import APP
from tests.support.signatures import WIX
from tests.support.webhooks import NOW, a_webhook

ROUNDS: Final = 10
WIX_WAITS_MS: Final = 1_250
DYNAMODB_SECONDS: Final = 0.008
PATIENCE_SECONDS: Final = 20.0
EMULATORS: Final = "lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-*"
BARE: Final = """
import boto3

dynamodb = boto3.Session().client("dynamodb")


def handler(event, context):
    return {"statusCode": 200}
"""


@dataclass(frozen=True, slots=True)
class Start:
    """One start: milliseconds until the first call is answered, and of processor for it; and of the calls after it."""

    cold: float
    processor: float
    warm: float


class DynamoDb(BaseHTTPRequestHandler):
    """A table without rows, which takes every row."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer in one piece

    def do_POST(self) -> None:
        """Answer BatchGetItem and BatchExecuteStatement after a while."""
        self.rfile.read(int(self.headers["Content-Length"]))
        threading.Event().wait(DYNAMODB_SECONDS)
        reads = self.headers["X-Amz-Target"].endswith("BatchGetItem")
        body = b'{"Responses":{"ledger":[]},"UnprocessedKeys":{}}' if reads else b'{"Responses":[{}]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def dynamodb() -> Iterator[str]:
    """Return the address of the table."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), DynamoDb)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def environment(table_address: str) -> dict[str, str]:
    """Return what the function sees in Lambda, but for where DynamoDB is."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(BUILT / "SharedLayer/python"),
        "AWS_ENDPOINT_URL": table_address,
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "POWERTOOLS_SERVICE_NAME": "trigger-provider",
        "POWERTOOLS_METRICS_NAMESPACE": "TriggerProvider",
        "LEDGER_TABLE_NAME": "ledger",
        "LEDGER_RETENTION_DAYS": "45",
        "WIX_APP_ID": APP,
        "WIX_PUBLIC_KEY": WIX.dashboard_key,
    }


@contextmanager
def emulator(folder: Path, env: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Start Lambda's emulator around the function in a folder; give where it is invoked, and its process id."""
    (program,) = (ROOT / ".build/sam").glob(EMULATORS.replace("-*", f"-{ARCHITECTURE}"))
    port = a_free_port()
    process = subprocess.Popen(
        [
            program,
            *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
            *("--runtime-api-address", f"127.0.0.1:{a_free_port()}"),
            *(sys.executable, "-m", "awslambdaric", "handler.handler"),
        ],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations", process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.005)
    raise TimeoutError("the emulator did not start")


def started(folder: Path, env: Mapping[str, str], events: list[dict[str, Any]]) -> Start:
    """Start the function in a folder and call it, once cold and then warm."""
    with emulator(folder, env) as (url, emulating), requests.Session() as http:
        http.trust_env = False
        first, *others = events
        cold, processor = called(http, url, first), processor_of_child(emulating)
        return Start(cold, processor, statistics.median(called(http, url, event) for event in others))


def called(http: requests.Session, url: str, event: dict[str, Any]) -> float:
    """Return the milliseconds of a call that must be answered 200."""
    start = time.perf_counter()
    answer = http.post(url, json=event, timeout=PATIENCE_SECONDS).json()
    took = (time.perf_counter() - start) * 1_000
    if answer.get("statusCode") != requests.codes.ok:
        raise RuntimeError(answer)
    return took


def processor_of_child(process: int) -> float:
    """Return the milliseconds of processor that the function's own process has used."""
    (child,) = (
        pid for task in Path(f"/proc/{process}/task").iterdir() for pid in (task / "children").read_text().split()
    )
    fields = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1_000


def main() -> None:
    """Measure both in turn, and print the medians."""
    build(TRIGGERS)
    if "--before-others" in sys.argv:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    events = [a_call(a_webhook("AppInstalled", NOW - 60 + number)) for number in range(6)]
    with TemporaryDirectory() as folder, dynamodb() as table_address:
        (Path(folder) / "handler.py").write_text(BARE)
        env = environment(table_address)
        functions = {"app_webhooks": BUILT / "AppWebhooksFunction", "a bare function": Path(folder)}
        starts: dict[str, list[Start]] = {name: [] for name in functions}
        for _ in range(ROUNDS):
            for name, code in functions.items():
                starts[name].append(started(code, env, events))
    for name, each in starts.items():
        print(line(name, each))
    ours, bare = (statistics.median(start.cold for start in each) for each in starts.values())
    print(f"{ours / bare:.2f} times the bare function, and {ours / WIX_WAITS_MS:.0%} of the time that Wix waits")


def line(name: str, starts: list[Start]) -> str:
    """Return the medians, and how far the cold starts spread."""
    cold, processor, warm = ([getattr(start, figure) for start in starts] for figure in ("cold", "processor", "warm"))
    text = f"{statistics.median(cold):6.0f} ms from cold ({min(cold):.0f} to {max(cold):.0f})"
    return (
        f"{text}, {statistics.median(processor):4.0f} ms of processor; {statistics.median(warm):5.1f} ms warm: {name}"
    )


if __name__ == "__main__":
    main()
