"""The app's own credentials, from Secrets Manager."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from trigger_provider.errors import UnusableSecret

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

_KEPT_FOR_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves to Wix that we are the app."""

    app_id: str
    app_secret: str = field(repr=False)


class WixSecret:
    """The secret `{"appId": …, "appSecret": …}`; it is read at most every five minutes, unless it was refused."""

    def __init__(self, provider: SecretsProvider, secret_id: str, app_id: str) -> None:
        self._provider = provider
        self._secret_id = secret_id
        self._app_id = app_id
        self._one_at_a_time = threading.Lock()

    def credentials(self, refused: Credentials | None = None) -> Credentials:
        """Give the credentials, read anew if the ones we have are those that Wix refused.

        Raises `UnusableSecret` if it can't be read, is not of that shape, or belongs to another app than ours.
        """
        with self._one_at_a_time:
            known = self._read(anew=False)
            return self._read(anew=True) if known == refused else known

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
    # An error of the parser would carry the whole secret with it.
    try:
        return json.loads(text) if isinstance(text, str | bytes) else None
    except ValueError:
        return None
