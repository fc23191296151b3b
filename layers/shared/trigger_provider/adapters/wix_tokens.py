"""Access tokens of Wix, one per site, and how a call to Wix is made so that its end is known before it starts."""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests
import urllib3

from trigger_provider.adapters.wix_answers import Reply, error_code, read_reply
from trigger_provider.errors import TriggerProviderError, UnusableSecret
from trigger_provider.ports import CREDENTIALS_REFUSED, Answer, Verdict

if TYPE_CHECKING:
    from trigger_provider.adapters.wix_secret import Credentials, WixSecret
    from trigger_provider.ports import Clock

# Reasons, the first two with details after a colon.
SECRET_UNUSABLE = "app secret unusable"  # noqa: S105 - a reason, no secret
TOKEN_REFUSED = "token refused"  # noqa: S105 - a reason, no token
NO_TIME = "no time left"

Timeouts = tuple[float, float]
"""Seconds to connect, and seconds to wait for the next bytes."""

_LEAST_READ_SECONDS = 1.0
_CHUNK = 2**16
_ROOM_BESIDE_ECHO = 2**20
_ECHO_GROWTH = 4
_MOST_SITES = 5_000
_LONGEST_LIFE_SECONDS = 86_400
_MARGIN_MS = 60_000
_CLIENT_ERRORS = {"invalid_client", "unauthorized_client"}
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_FITS_A_HEADER = re.compile(r"[\x21-\x7e]{1,8192}")


class CallFailed(TriggerProviderError):
    """There is no answer of Wix to read; `answer` says what that means to every item of the call."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


class CredentialsRefused(CallFailed):
    """Wix does not take us for the app: no site can be served until the secret is mended."""


class WixHttp:
    """Posts JSON to Wix: once, without redirects, and within a time that is known before.

    A call lasts `connect + 2 * read` seconds at most: a read timeout holds for one wait on the wire, so one is
    for the head of the answer, and no wait for its body begins after another. Outside of that are the name
    lookup, further addresses of the host, and a head that trickles in byte by byte.
    """

    def __init__(self, session: requests.Session, base_url: str, clock: Clock, timeouts: Timeouts) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._timeouts = timeouts

    def post(self, path: str, body: str, deadline: int, token: str | None = None) -> Reply:
        """Give Wix's answer, whatever its status; `CallFailed` if there is none, or no time to wait for one."""
        connect, read = timeouts = self._timeouts_within(deadline)
        # A lone surrogate becomes the escape that JSON has for it.
        sent = body.encode("utf-8", "backslashreplace")
        last_wait = self._clock.now() + int((connect + read) * 1000)
        try:
            with self._send(path, sent, token, timeouts) as response:
                # A bulk answer echoes what was sent, perhaps with more escapes.
                content = self._content(response, _ROOM_BESIDE_ECHO + _ECHO_GROWTH * len(sent), last_wait)
                return read_reply(response.status_code, response.headers, content, self._clock.now())
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            failure = "wix timeout"
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            failure = "wix connection fault"
        # Raised out here it does not carry the library's error along, whose text may quote a header.
        raise CallFailed(Answer(Verdict.RETRY, failure))

    def _timeouts_within(self, deadline: int) -> Timeouts:
        connect, read = self._timeouts
        room = ((deadline - self._clock.now()) / 1000 - connect) / 2
        if room < min(read, _LEAST_READ_SECONDS):
            raise CallFailed(Answer(Verdict.NOT_TRIED, NO_TIME))
        return connect, min(read, room)

    def _send(self, path: str, body: bytes, token: str | None, timeouts: Timeouts) -> requests.Response:
        # Without compression an answer can't be larger than what is read of it.
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if token is not None:
            headers["Authorization"] = token
        return self._session.post(
            self._base_url + path, data=body, headers=headers, timeout=timeouts, allow_redirects=False, stream=True
        )

    def _content(self, response: requests.Response, most: int, last_wait: int) -> bytes:
        content = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            content += chunk
            if len(content) > most:
                raise CallFailed(Answer(Verdict.RETRY, "wix answer too long"))
            if self._clock.now() > last_wait:
                raise CallFailed(Answer(Verdict.RETRY, "wix timeout"))
        return bytes(content)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    fresh_until: int


class WixTokens:
    """Tokens by client credentials, kept for the sites used last; threads that want the same one mint it once."""

    def __init__(
        self, session: requests.Session, base_url: str, secret: WixSecret, clock: Clock, timeouts: Timeouts
    ) -> None:
        self._http = WixHttp(session, base_url, clock, timeouts)
        self._secret = secret
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Token] = OrderedDict()
        self._flights: dict[str, Future[_Token]] = {}

    def token(self, site: str, deadline: int) -> str:
        """Give a token that is good for now; `CallFailed` if none can be had before the deadline."""
        with self._lock:
            kept = self._kept.get(site)
            if kept is not None and self._clock.now() < kept.fresh_until:
                self._kept.move_to_end(site)
                return kept.text
            flight = self._flights.get(site)
            if is_ours := flight is None:
                flight = self._flights[site] = Future()
        if is_ours:
            self._fly(flight, site, deadline)
        try:
            return flight.result(max(0.0, (deadline - self._clock.now()) / 1000)).text
        except TimeoutError:
            raise CallFailed(Answer(Verdict.NOT_TRIED, NO_TIME)) from None

    def drop(self, site: str, token: str) -> None:
        """Forget a token that Wix no longer takes; one that was minted since then stays."""
        with self._lock:
            kept = self._kept.get(site)
            if kept is not None and kept.text == token:
                del self._kept[site]

    def _fly(self, flight: Future[_Token], site: str, deadline: int) -> None:
        try:
            minted = self._mint(site, deadline)
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self._land(site, None)
            flight.set_exception(error)
        else:
            self._land(site, minted)
            flight.set_result(minted)

    def _land(self, site: str, minted: _Token | None) -> None:
        with self._lock:
            del self._flights[site]
            if minted is not None:
                self._kept[site] = minted
                self._kept.move_to_end(site)
            while len(self._kept) > _MOST_SITES:
                self._kept.popitem(last=False)

    def _mint(self, site: str, deadline: int) -> _Token:
        asked_at = self._clock.now()
        credentials = self._credentials()
        reply = self._ask(credentials, site, deadline)
        if _is_client_refused(reply):
            reply = self._ask(self._credentials(refused=credentials), site, deadline)
        match reply:
            case Reply(HTTPStatus.OK, {"access_token": str(text), **more}) if _FITS_A_HEADER.fullmatch(text):
                life = _milliseconds(more.get("expires_in"))
                return _Token(text, asked_at + life - min(_MARGIN_MS, life // 10))
        raise _refusal(reply)

    def _credentials(self, refused: Credentials | None = None) -> Credentials:
        try:
            return self._secret.credentials(refused)
        except UnusableSecret as error:
            raise CallFailed(Answer(Verdict.RETRY, f"{SECRET_UNUSABLE}: {error}")) from None

    def _ask(self, credentials: Credentials, site: str, deadline: int) -> Reply:
        request = {
            "grant_type": "client_credentials",
            "client_id": credentials.app_id,
            "client_secret": credentials.app_secret,
            "instance_id": site,
        }
        return self._http.post("/oauth2/token", json.dumps(request), deadline)


def _is_client_refused(reply: Reply) -> bool:
    """Tell whether Wix refuses the app (RFC 6749, 5.2); a 401 does, unless it blames the grant, so the site."""
    code = error_code(reply.body).lower()
    return code in _CLIENT_ERRORS or (reply.status == HTTPStatus.UNAUTHORIZED and code != "invalid_grant")


def _refusal(reply: Reply) -> CallFailed:
    detail = f"wix {reply.status} {error_code(reply.body)}".strip()
    if _is_client_refused(reply):
        return CredentialsRefused(_retry(reply, CREDENTIALS_REFUSED))
    if HTTPStatus(400) <= reply.status < HTTPStatus(500) and reply.status not in _PASSING:
        return CallFailed(_retry(reply, f"{TOKEN_REFUSED}: {detail}"))
    return CallFailed(_retry(reply, f"no token: {detail}"))


def _retry(reply: Reply, reason: str) -> Answer:
    return Answer(Verdict.RETRY, reason, reply.request_id, retry_after=reply.retry_after)


def _milliseconds(expires_in: object) -> int:
    """Read a token's life; one that can't be read makes a token for a single use."""
    if isinstance(expires_in, int | float) and expires_in > 0:
        return int(min(expires_in, _LONGEST_LIFE_SECONDS) * 1000)
    return 0
