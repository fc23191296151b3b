"""Calls Wix within a time that is known before the call, and reads the answer."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from math import isfinite, nan
from typing import TYPE_CHECKING, NamedTuple

import requests
import urllib3

from trigger_provider.adapters.wix.bodies import parse, word
from trigger_provider.domain.delivery.results import TIMED_OUT, ItemResult, ResultKind
from trigger_provider.errors import TriggerProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.use_cases.ports.clock import Clock

NO_TIME = "no time left"

Timeouts = tuple[float, float]
"""Seconds to connect, and seconds to wait for the next bytes."""

_LEAST_READ_SECONDS = 1.0
_CHUNK = 2**16
_USER_AGENT = "wix-trigger-provider"  # firewalls answer the default of Python's clients with a CAPTCHA
_ROOM_BESIDE_ECHO = 2**20
_ECHO_GROWTH = 4
_LONGEST_WAIT_SECONDS = 3600.0


class CallFailed(TriggerProviderError):
    """Wix gave no answer that can be read. `answer` is the result for every item of the call."""

    def __init__(self, answer: ItemResult) -> None:
        super().__init__(answer.reason)
        self.answer = answer


class Reply(NamedTuple):
    """One HTTP answer: `body` is its parsed JSON, or None where it holds none; `retry_after` is in seconds.

    `is_empty` tells an answer without a body from one whose body is no JSON.
    """

    status: int
    body: object = None
    request_id: str | None = None
    retry_after: float | None = None
    is_empty: bool = False


class WixHttp:
    """Posts JSON to Wix: once, without redirects, and within a time that is known before.

    A call lasts at most `connect + 2 * read` seconds: one wait on the wire lasts at most `read`, and no wait for the
    body begins after `connect + read`. This does not include the name lookup, further addresses of the host, and a head
    that arrives byte by byte.
    """

    def __init__(self, session: requests.Session, base_url: str, clock: Clock, timeouts: Timeouts) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._timeouts = timeouts

    def post(self, path: str, body: str, deadline: int, token: str | None = None) -> Reply:
        """Return Wix's answer of any status. Raise `CallFailed` if there is none, or no time to wait for one."""
        connect, read = timeouts = self._timeouts_within(deadline)
        # An unpaired surrogate becomes JSON's escape for it.
        sent = body.encode("utf-8", "backslashreplace")
        last_wait = self._clock.now() + int((connect + read) * 1000)
        try:
            with self._send(path, sent, token, timeouts) as response:
                # A bulk answer echoes what was sent, perhaps with more escapes.
                content = self._content(response, _ROOM_BESIDE_ECHO + _ECHO_GROWTH * len(sent), last_wait)
                return read_reply(response.status_code, response.headers, content, self._clock.now())
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            failure = TIMED_OUT
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            failure = "wix connection fault"
        # Raised outside of the handlers, so that it has no context: the library's error may quote a header.
        raise CallFailed(ItemResult(ResultKind.RETRY, failure))

    def _timeouts_within(self, deadline: int) -> Timeouts:
        connect, read = self._timeouts
        room = ((deadline - self._clock.now()) / 1000 - connect) / 2
        if room < min(read, _LEAST_READ_SECONDS):
            raise CallFailed(ItemResult(ResultKind.SKIPPED, NO_TIME))
        return connect, min(read, room)

    def _send(self, path: str, body: bytes, token: str | None, timeouts: Timeouts) -> requests.Response:
        # Without compression an answer can't be larger than what is read of it.
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": _USER_AGENT}
        if token is not None:
            headers["Authorization"] = token
        return self._session.post(
            self._base_url + path, data=body, headers=headers, timeout=timeouts, allow_redirects=False, stream=True
        )

    def _content(self, response: requests.Response, limit: int, last_wait: int) -> bytes:
        content = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            content += chunk
            if len(content) > limit:
                raise CallFailed(ItemResult(ResultKind.RETRY, "wix answer too long"))
            if self._clock.now() > last_wait:
                raise CallFailed(ItemResult(ResultKind.RETRY, TIMED_OUT))
        return bytes(content)


def read_reply(status: int, headers: Mapping[str, str], content: bytes, now: int) -> Reply:
    """Read an answer. `now`, in milliseconds, is the time from which a date in `Retry-After` is counted."""
    request_id = word(headers.get("x-wix-request-id")) or None
    retry_after = _seconds(headers.get("retry-after"), now)
    return Reply(status, parse(content), request_id, retry_after, is_empty=not content.strip())


def _seconds(retry_after: str | None, now: int) -> float | None:
    """Read `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). A longer wait counts as an hour."""
    try:
        seconds = float(retry_after or "nan")
    except ValueError:
        seconds = _until(retry_after or "", now)
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS) if isfinite(seconds) else None


def _until(date: str, now: int) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - now / 1000
    except (ValueError, TypeError, OverflowError):
        return nan
