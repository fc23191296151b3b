"""Wix as bare bytes: it answers to the letter what the sandbox can't show, and keeps what it was sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

from tests.sandbox.wix import Route
from tests.support.waiting import PATIENCE_SECONDS


class RawWixServer:
    """A server that keeps what it is sent and answers each request with the next bytes of its script, then 200."""

    TOKEN = b'{"access_token": "a-token", "expires_in": 14400}'

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self._script: list[Callable[[socket.socket], None]] = []
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        self._listener.close()

    def answer(self, answer: bytes, *, hang_up: bool = False) -> None:
        """Script an answer."""

        def send(client: socket.socket) -> None:
            client.sendall(answer)
            if hang_up:
                client.shutdown(socket.SHUT_RDWR)

        self._script.append(send)

    def answer_in_pieces(self, head: bytes, piece: bytes, times: int) -> None:
        """Script an answer that is too long to be held in one piece."""

        def send(client: socket.socket) -> None:
            client.sendall(head)
            for _ in range(times):
                client.sendall(piece)

        self._script.append(send)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=(client,)))
            self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(PATIENCE_SECONDS)
        with client, client.makefile("rb") as stream:
            try:
                while request := stream.readline():
                    self._answer(client, *self._read(request, stream))
            except OSError:
                return

    def _read(self, request: bytes, stream: Any) -> tuple[str, dict[str, str], bytes]:  # noqa: ANN401 # a socket's file
        headers = {}
        while (server := stream.readline().decode().strip()) != "":
            name, _, value = server.partition(": ")
            headers[name.lower()] = value
        return request.decode().split()[1], headers, stream.read(int(headers["content-length"]))

    def _answer(self, client: socket.socket, path: str, headers: dict[str, str], body: bytes) -> None:
        if path == Route.TOKEN.path:
            client.sendall(ok(self.TOKEN))
            return
        self.requests.append((path, headers, body))
        if not self._script:
            self.answer(ok(b"{}"))
        self._script.pop(0)(client)


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
