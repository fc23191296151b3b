"""A function URL, as Lambda puts one before a function: HTTP in, an event of the second format, HTTP out."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

Json = dict[str, Any]
Handle = Callable[[Json], Json]
POLL_SECONDS: Final = 0.02


def a_call(body: str | None, path: str = "/", *, method: str = "POST", encoded: bool = False) -> Json:
    """Return the event of a call; AWS puts into base64 what it does not know to be text."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "Wix"}
    event: Json = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "text/plain; charset=utf-8"},
        "requestContext": {"http": http, "stage": "$default", "routeKey": "$default"},
        "isBase64Encoded": encoded,
    }
    return event if body is None else with_body(event, body, encoded=encoded)


def with_body(event: Json, body: str, *, encoded: bool) -> Json:
    """Return the event of a call with this body."""
    carried = base64.b64encode(body.encode()).decode() if encoded else body
    return {**event, "body": carried, "isBase64Encoded": encoded}


@contextmanager
def served(handle: Handle) -> Iterator[str]:
    """Serve it on loopback, and yield its address."""

    @Request.application
    def application(request: Request) -> Response:
        event = a_call(request.get_data(as_text=True), request.path, method=request.method, encoded=True)
        answer = handle(event)
        return Response(answer["body"], answer["statusCode"], answer["headers"])

    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
