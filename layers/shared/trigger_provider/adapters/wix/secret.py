"""The app's own credentials, from Secrets Manager."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from trigger_provider.domain.payload.json_text import NotJsonError, read_json
from trigger_provider.errors import UnusableSecret

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    from trigger_provider.use_cases.ports.clock import Clock

_KEPT_FOR_SECONDS = 300
_NOT_AGAIN_FOR_MS = 10_000


class SecretRefused(UnusableSecret):
    """The secret still holds the credentials that Wix refused."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The app's credentials for Wix."""

    app_id: str
    app_secret: str = field(repr=False)


class WixSecret:
    """The secret `{"appId": …, "appSecret": …}`. It is read at most every five minutes, unless Wix refused it.

    A secret that Wix refused, or that can't be used, is read again after ten seconds at the earliest, because thousands
    of sites may be waiting for it.
    """

    def __init__(self, provider: SecretsProvider, secret_id: str, app_id: str, clock: Clock) -> None:
        self._provider = provider
        self._secret_id = secret_id
        self._app_id = app_id
        self._clock = clock
        self._one_at_a_time = threading.Lock()
        self._trouble: UnusableSecret | None = None
        self._again_at = 0

    def credentials(self, refused: Credentials | None = None) -> Credentials:
        """Return the credentials. If Wix refused some, return others, if the secret now holds others.

        Raise `UnusableSecret` if the secret can't be read, has another shape, or belongs to another app. Raise
        `SecretRefused` if it still holds the refused credentials.
        """
        with self._one_at_a_time:
            known = self._usable(anew=False)
            if known == refused and self._clock.now() >= self._again_at:
                known = self._usable(anew=True)
            if known == refused:
                raise SecretRefused("Wix refuses it, and there is no other")
            return known

    def _usable(self, *, anew: bool) -> Credentials:
        now = self._clock.now()
        if self._trouble is not None and now < self._again_at:
            raise UnusableSecret(str(self._trouble))
        self._trouble = None
        try:
            credentials = self._read(anew=anew)
        except UnusableSecret as trouble:
            self._trouble, self._again_at = trouble, now + _NOT_AGAIN_FOR_MS
            raise
        self._again_at = now + _NOT_AGAIN_FOR_MS if anew else self._again_at
        return credentials

    def _read(self, *, anew: bool) -> Credentials:
        try:
            text = self._provider.get(self._secret_id, max_age=_KEPT_FOR_SECONDS, force_fetch=anew)
        except GetParameterError as error:
            # The kind tells a missing permission from a missing secret; the message may name accounts.
            raise UnusableSecret(f"it can't be read: {type(error.__context__).__name__}") from None
        match _json(text):
            case {"appId": str(app_id), "appSecret": str(app_secret)} if app_id and app_secret:
                if app_id != self._app_id:
                    raise UnusableSecret("it belongs to another app: /appId is not the app id we were given")
                return Credentials(app_id, app_secret)
        raise UnusableSecret("it must be a JSON object with the strings appId and appSecret")


def _json(text: object) -> object:
    try:
        return read_json(text) if isinstance(text, str | bytes) else None
    except NotJsonError:
        return None
