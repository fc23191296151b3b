"""Fetches access tokens from Wix with the app's credentials (RFC 6749, 4.4), and tells whose fault a refusal is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from trigger_provider.adapters.wix.bodies import error_code
from trigger_provider.adapters.wix.http import CallFailed, Reply
from trigger_provider.adapters.wix.secret import SecretRefused
from trigger_provider.domain.delivery.results import CREDENTIALS_REFUSED, SECRET_UNUSABLE, ItemResult, ResultKind
from trigger_provider.errors import UnusableSecret

if TYPE_CHECKING:
    from trigger_provider.adapters.wix.http import WixHttp
    from trigger_provider.adapters.wix.secret import Credentials, WixSecret
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.wix import Permits
TOKEN_REFUSED = "token refused"  # noqa: S105 - a reason, no token

_LONGEST_LIFE_SECONDS = 86_400
_MARGIN_MS = 60_000
_CLIENT_ERRORS = {"invalid_client", "unauthorized_client"}
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_FITS_A_HEADER = re.compile(r"[\x21-\x7e]{1,8192}")


class CredentialsRefused(CallFailed):
    """Wix refuses the app's credentials. No call can be made for any site until the secret is corrected."""


@dataclass(frozen=True, slots=True)
class Token:
    """The token for a site's calls, and the time on the clock until which it may be used again."""

    text: str = field(repr=False)
    fresh_until: int


class TokenClient:
    """Fetches a new token for each request. If Wix refuses the credentials, it reads the secret once more first."""

    def __init__(self, http: WixHttp, secret: WixSecret, clock: Clock, permits: Permits) -> None:
        self._http = http
        self._secret = secret
        self._clock = clock
        self._permits = permits

    def fetch(self, site: str, deadline: int) -> Token:
        """Return a new token. Raise `CallFailed` if Wix gives none before the deadline, or the secret can't be used."""
        asked_at = self._clock.now()
        credentials = self._credentials()
        reply = self._ask(credentials, site, deadline)
        if _is_client_refused(reply):
            reply = self._ask(self._others_than(credentials, reply), site, deadline)
        match reply:
            case Reply(HTTPStatus.OK, {"access_token": str(text), **more}) if _FITS_A_HEADER.fullmatch(text):
                life = _milliseconds(more.get("expires_in"))
                return Token(text, asked_at + life - min(_MARGIN_MS, life // 10))
        raise _refusal(reply)

    def _credentials(self, refused: Credentials | None = None) -> Credentials:
        try:
            return self._secret.credentials(refused)
        except SecretRefused:
            raise
        except UnusableSecret as error:
            raise CallFailed(ItemResult(ResultKind.RETRY, f"{SECRET_UNUSABLE}: {error}")) from None

    def _others_than(self, refused: Credentials, reply: Reply) -> Credentials:
        try:
            return self._credentials(refused)
        except SecretRefused:
            raise _refusal(reply) from None

    def _ask(self, credentials: Credentials, site: str, deadline: int) -> Reply:
        if (refusal := self._permits.acquire(site)) is not None:
            raise CallFailed(refusal)
        request = {
            "grant_type": "client_credentials",
            "client_id": credentials.app_id,
            "client_secret": credentials.app_secret,
            "instance_id": site,
        }
        return self._http.post("/oauth2/token", json.dumps(request), deadline)


def _is_client_refused(reply: Reply) -> bool:
    """Return whether Wix refuses the app (RFC 6749, 5.2). A 401 means that, unless it blames the grant, so the site."""
    code = error_code(reply.body).lower()
    return code in _CLIENT_ERRORS or (reply.status == HTTPStatus.UNAUTHORIZED and code != "invalid_grant")


def _refusal(reply: Reply) -> CallFailed:
    detail = f"wix {reply.status} {error_code(reply.body)}".strip()
    if _is_client_refused(reply):
        return CredentialsRefused(_answer(ResultKind.RETRY, reply, CREDENTIALS_REFUSED))
    if HTTPStatus(400) <= reply.status < HTTPStatus(500) and reply.status not in _PASSING:
        return CallFailed(_answer(ResultKind.FORBIDDEN, reply, f"{TOKEN_REFUSED}: {detail}"))
    kind = ResultKind.RATE_LIMITED if reply.status == HTTPStatus.TOO_MANY_REQUESTS else ResultKind.RETRY
    return CallFailed(_answer(kind, reply, f"no token: {detail}"))


def _answer(kind: ResultKind, reply: Reply, reason: str) -> ItemResult:
    return ItemResult(kind, reason, reply.request_id, retry_after=reply.retry_after)


def _milliseconds(expires_in: object) -> int:
    """Return a token's lifetime. If it can't be read, the token is for a single use."""
    if isinstance(expires_in, int | float) and expires_in > 0:
        return int(min(expires_in, _LONGEST_LIFE_SECONDS) * 1000)
    return 0
