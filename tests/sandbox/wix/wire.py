"""The socket's side of troubles: clients that gave up, connections closed early, answers cut in half."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any, NoReturn

from flask import Response
from werkzeug.serving import WSGIRequestHandler


class RequestHandler(WSGIRequestHandler):
    """Silent, quick with small answers, and closing when the application drops a connection."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the journal is the log."""

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - werkzeug's
        """Without an answer nobody has told the handler to stop waiting for the next request."""
        self.close_connection = True


def client_gone(connection: socket.socket) -> bool:
    """Whether the other side has closed the connection."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def hang_up() -> NoReturn:
    """Close the connection without a byte: the server takes this error for a client that left."""
    raise ConnectionAbortedError


def cut_in_half(response: Response) -> Response:
    """The same headers, the first half of the body, and then nothing."""
    body = response.get_data()
    half = Response(_first_half(body), status=response.status, headers=response.headers)
    half.content_length = len(body)
    return half


def _first_half(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    hang_up()
