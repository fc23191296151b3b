"""One call over HTTP from its arrival to the last byte of its answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from itertools import count
from math import inf

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from tests.sandbox.wix.answers import Answer, plain_body
from tests.sandbox.wix.calls import Request, Route
from tests.sandbox.wix.faults import Faults, Line, Trouble
from tests.sandbox.wix.journal import Call, Journal
from tests.sandbox.wix.state import WixState
from tests.sandbox.wix.wire import client_gone, cut_in_half, hang_up

LOOK_EVERY_SECONDS = 0.02
NO_TROUBLE = Trouble()


class Handler:
    """Turns HTTP into calls of the state, with the scripted troubles around them."""

    def __init__(
        self,
        state: WixState,
        journal: Journal,
        faults: Faults,
        clock: Callable[[], float],
        lock: threading.RLock,
        effect_within: float | None = None,
    ) -> None:
        self._state = state
        self._journal = journal
        self._faults = faults
        self._clock = clock
        self._lock = lock
        self._effect_within = effect_within
        self._request_numbers = count(1)
        self.closing = threading.Event()

    def let_go(self) -> None:
        """Let go of all calls that are being held now; what comes later is held as its script says."""
        held, self.closing = self.closing, threading.Event()
        held.set()

    def application(self, *others: Blueprint) -> Flask:
        """The WSGI application, with other routes beside Wix's; errors of the sandbox itself are left to the server."""
        application = Flask(__name__)
        application.config["PROPAGATE_EXCEPTIONS"] = True
        application.json.sort_keys = False  # type: ignore[attr-defined] # of the default provider
        application.register_error_handler(HTTPException, self._elsewhere)
        for route in Route:
            application.add_url_rule(route.path, route, self.serve, methods=["POST"], defaults={"route": route})
        for each in others:
            application.register_blueprint(each)
        return application

    def serve(self, route: Route) -> Response:
        """Act first, answer then, with what the script has for this call."""
        let_go, ends_at = self.closing, self._ends_at()
        asked = Request.read(route, request.headers.get("Authorization"), request.get_data())
        with self._lock:
            trouble = self._faults.take(asked, self._state.who(asked)[1])
        let_go.wait((trouble or NO_TROUBLE).wait_before)
        call, answer = self._act(asked, trouble, ends_at)
        return self._send(call, answer, trouble or NO_TROUBLE, let_go)

    def _ends_at(self) -> float:
        """Return until when a call may take effect; without a client it may not, where there is a limit."""
        if self._effect_within is None:
            return inf
        return 0.0 if client_gone(request.environ["werkzeug.socket"]) else time.monotonic() + self._effect_within

    def _act(self, asked: Request, trouble: Trouble | None, ends_at: float) -> tuple[Call, Answer]:
        script = trouble or NO_TROUBLE
        with self._lock:
            now = self._clock()
            app_id, site = self._state.who(asked)
            takes_effect = script.takes_effect and time.monotonic() <= ends_at
            outcome = self._state.handle(asked, now, takes_effect=takes_effect, bad_items=script.bad_items)
            answer = script.answer or outcome.answer
            call = Call(
                number=0,
                at=now,
                route=asked.route,
                app_id=app_id,
                site=site,
                trigger_key=asked.text("triggerKey"),
                items=tuple(result.entry for result in outcome.results),
                status=None if script.line is Line.CLOSED else answer.status,
                request_id=self._request_id(),
                trouble=trouble,
            )
            return self._journal.add(call), answer

    def _send(self, call: Call, answer: Answer, trouble: Trouble, let_go: threading.Event) -> Response:
        connection = request.environ["werkzeug.socket"]
        deadline = time.monotonic() + trouble.wait_after
        while time.monotonic() < deadline and not client_gone(connection):
            if let_go.wait(LOOK_EVERY_SECONDS):
                break
        answered = trouble.line is Line.WHOLE and not client_gone(connection)
        self._journal.close(call, answered=answered)
        if trouble.line is Line.CLOSED:
            hang_up()
        response = _response(answer, call.request_id)
        return cut_in_half(response) if trouble.line is Line.HALF else response

    def _elsewhere(self, error: Exception) -> Response:
        status = (error.code if isinstance(error, HTTPException) else None) or 500
        return _response(Answer(status, plain_body(status)), self._request_id())

    def _request_id(self) -> str:
        with self._lock:
            return f"{self._clock():.0f}.{next(self._request_numbers):06d}"


def _response(answer: Answer, request_id: str) -> Response:
    text, kind = answer.body, "text/html"
    if not isinstance(text, str):
        text, kind = json.dumps(text), "application/json"
    response = Response(text, status=answer.status, content_type=kind)
    response.headers.update({**answer.headers, "x-wix-request-id": request_id})
    return response
