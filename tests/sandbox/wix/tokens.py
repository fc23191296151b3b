"""Access tokens: the one place where a call's app and site come from (section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from tests.sandbox.wix.answers import refused

BEARER = "Bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: an app, on a site."""

    app_id: str
    site: str


@dataclass(frozen=True, slots=True)
class Token:
    """What a token stands for, and the second from which it is worth nothing."""

    caller: Caller
    expires_at: float


class Tokens:
    """Every token ever issued; expired ones are kept so that faults can be scripted for their site."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def issue(self, caller: Caller, expires_at: float) -> str:
        """A new token; earlier ones stay good."""
        text = f"sandbox-{uuid5(NAMESPACE_OID, f'token/{len(self._tokens)}')}"
        self._tokens[text] = Token(caller, expires_at)
        return text

    def find(self, authorization: str | None, *, bearer: bool) -> Token | None:
        """The token of an `Authorization` header, expired or not."""
        text = authorization or ""
        return self._tokens.get(text.removeprefix(BEARER) if bearer else text)

    def caller(self, authorization: str | None, now: float, *, bearer: bool) -> Caller:
        """Who calls; refuses with a 401 if that can't be told."""
        token = self.find(authorization, bearer=bearer)
        if token is None:
            raise refused(401, "No identity found")
        if now >= token.expires_at:
            raise refused(401, "The access token has expired")
        return token.caller

    def expire(self, now: float, site: str | None = None) -> None:
        """End all tokens, or those of one site."""
        for text, token in self._tokens.items():
            if site in {None, token.caller.site}:
                self._tokens[text] = Token(token.caller, min(token.expires_at, now))
