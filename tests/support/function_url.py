"""A function behind its URL, as Lambda puts one there: HTTP in, an event of the second format, HTTP out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.support.gate import a_question

Handle = Callable[[dict[str, Any]], dict[str, Any]]
POLL_SECONDS: Final = 0.02


@contextmanager
def served(handle: Handle) -> Iterator[str]:
    """Serve it on loopback, and give its address."""

    @Request.application
    def application(request: Request) -> Response:
        event = a_question(request.get_data(as_text=True), request.path, method=request.method, encoded=True)
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
