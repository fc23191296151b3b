"""One process that stands for DynamoDB, SQS, Secrets Manager and Wix: at once, or as late as it is told to be.

It counts every call and byte, but not what AWS's library sends again: that depends on the machine. What the harness
asks it goes to paths under `/stub/`, and is not counted.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from typing import Any, Final

from tests.bench.benchmarks.stubs.items import Refused, Tables
from tests.bench.benchmarks.stubs.queues import Queues
from tests.bench.benchmarks.stubs.wix import Wix

_SERVICES: Final = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs", "secretsmanager": "secretsmanager"}
_SECRET: Final = {"appId": "6c2b1d8e-0c6f-4c0b-9c57-2f0b5f3f2a10", "appSecret": "made up"}


class World:
    """Everything behind the stub, and what was asked of it."""

    def __init__(self) -> None:
        self.tables, self.queues, self.wix = Tables(), Queues(), Wix()
        self.calls: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.milliseconds: dict[str, float] = {}

    def delay(self, service: str) -> float:
        """Return how many seconds an answer of this service takes."""
        return self.milliseconds.get(service, 0) / 1_000

    def counted(self, service: str, operation: str, size: int) -> None:
        """Count one call; tokens are fetched once in hours, and secrets read as seldom: they count apart."""
        self.calls[f"{service} {operation}"] += 1
        self.bytes[service] += size

    def counts(self) -> dict[str, Any]:
        """Return what was counted since the last time, and begin anew."""
        counts = {"calls": dict(self.calls), "bytes": dict(self.bytes), "units": dict(self.tables.units)}
        for counter in (self.calls, self.bytes, self.tables.units):
            counter.clear()
        return counts

    def effect(self) -> dict[str, Any]:
        """Return what contenders are compared by: events at Wix with their payloads, and the states of all rows."""
        rows = [item for table in self.tables.rows.values() for item in table.values()]
        states = Counter(item[name]["S"] for item in rows for name in ("state", "status") if name in item)
        events = sorted(
            [site, trigger, json.dumps(payload, sort_keys=True)]
            for (site, trigger, _), payload in self.wix.events.items()
        )
        return {"events": events, "reports": self.wix.reports, "states": dict(states), "rows": rows}


class Stub(asyncio.Protocol):
    """One connection: HTTP/1.1 with a length in front of every body, which is all that the contenders speak."""

    def __init__(self, worlds: dict[str, World]) -> None:
        self._worlds = worlds
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            first, *lines = self._received[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            until = end + 4 + int(headers.get("content-length", 0))
            if len(self._received) < until:
                if headers.get("expect"):
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            body, self._received = self._received[end + 4 : until], self._received[until:]
            self._answer(first.split(" ")[1], headers, body)

    def _answer(self, path: str, headers: dict[str, str], body: bytes) -> None:
        request = json.loads(body) if body else {}
        name, _, path = path.removeprefix("/").partition("/")
        world = self._worlds.setdefault(name, World())
        if path.startswith("stub/"):
            self._send(200, self._asked(name, path.removeprefix("stub/"), request))
            return
        service, operation = _whose(headers, path)
        if "attempt=1" in headers.get("amz-sdk-request", "attempt=1"):
            world.counted(service, operation, len(body))
        try:
            status, answer = 200, _called(world, service, operation, headers, request)
        except Refused as refused:
            status, answer = 400, {"__type": f"com.amazonaws.dynamodb.v20120810#{refused}", "message": "refused"}
        if delay := world.delay(service):
            asyncio.get_running_loop().call_later(delay, self._send, status, answer)
        else:
            self._send(status, answer)

    def _asked(self, name: str, what: str, request: dict[str, Any]) -> object:
        world = self._worlds[name]
        match what:
            case "take":
                return world.queues.take(request["queue"])
            case "counts":
                return world.counts()
            case "effect":
                return world.effect()
            case "late":
                world.milliseconds = request
                return {}
            case "forget":
                world.tables.rows.clear()
                world.wix.forget()
                return {}
        self._worlds[name] = World()
        return {}

    def _send(self, status: int, answer: object) -> None:
        body = json.dumps(answer).encode()
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


def _whose(headers: dict[str, str], path: str) -> tuple[str, str]:
    target, _, operation = headers.get("x-amz-target", "").partition(".")
    return (_SERVICES[target], operation) if target else ("wix", path.rsplit("/", 1)[1])


def _called(
    world: World, service: str, operation: str, headers: dict[str, str], request: dict[str, Any]
) -> dict[str, Any]:
    match service:
        case "dynamodb":
            return world.tables.call(operation, request)
        case "sqs":
            return world.queues.call(operation, request)
        case "secretsmanager":
            return {"Name": "wix", "SecretString": json.dumps(_SECRET)}
    path = "/oauth2/token" if operation == "token" else f"/{operation}"
    return world.wix.call(path, headers.get("authorization", ""), request)


async def _serve() -> None:
    worlds: dict[str, World] = {}
    server = await asyncio.get_running_loop().create_server(lambda: Stub(worlds), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    closed = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await closed


if __name__ == "__main__":
    asyncio.run(_serve())
