"""What the control routes are asked for, read out of the request or refused by place and rule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flask import request

from tests.sandbox.wix.engine.admission import read_date
from tests.sandbox.wix.engine.automation_parser import Broken
from tests.sandbox.wix.engine.loopback import is_loopback

MOST_SECONDS: Final = 10 * 366 * 86_400

Json = dict[str, Any]


class Refusal(Exception):
    """The answer to a request that can't be met."""

    def __init__(self, status: int, *broken: Broken) -> None:
        super().__init__(status, broken)
        self.status = status
        self.broken = broken


def refused(status: int | None, broken: Iterable[Broken]) -> tuple[Json, int]:
    """Every place and rule, with the status."""
    return {"errors": [{"pointer": pointer, "rule": rule} for pointer, rule in broken]}, status or 500


def refuse_foreign_names() -> None:
    """No page of a web site whose name was made to lead to this machine may use the routes."""
    if not is_loopback(request.host_url):
        raise Refusal(403, ("", "foreign-host"))


def member_asked(name: str) -> str:
    """A text of the body."""
    value = _body().get(name)
    if not isinstance(value, str):
        raise Refusal(400, (f"/{name}", "required" if value is None else "type"))
    return value


def number_asked(name: str, default: float) -> float:
    """A number of the query, at least 0."""
    try:
        return max(0.0, float(request.args.get(name, default)))
    except ValueError:
        raise Refusal(400, (f"?{name}", "type")) from None


def moment_asked_for(now: float, due: float | None) -> float:
    """To when a clock is to be turned that shows `now`, and by which something is `due`."""
    match list(_body().items()):
        case [("advance", int() | float() as seconds)] if (
            not isinstance(seconds, bool) and 0 <= seconds <= MOST_SECONDS
        ):
            return now + seconds
        case [("to", str() as text)] if (moment := read_date(text)) is not None:
            return moment
        case [("toNextAction", True)]:
            if due is None:
                raise Refusal(409, ("/toNextAction", "nothing-is-due"))
            return max(due, now)
        case _:
            raise Refusal(400, ("", "advance-to-or-toNextAction"))


def _body() -> Json:
    body = request.get_json()
    if not isinstance(body, dict):
        raise Refusal(400, ("", "type"))
    return body
