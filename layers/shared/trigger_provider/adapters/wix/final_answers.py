"""Makes requests read on after informational answers (1xx), which come before the final one: RFC 9110, section 15.2.

The standard library skips 100 alone. Any other, such as the 103 of a CDN, it takes for the answer: then the final one
stays on the connection, and the next call would read it as its own.
"""

from __future__ import annotations

from http.client import HTTPResponse, parse_headers
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_FINAL_FROM = 200
_SWITCHING_PROTOCOLS = 101


class FinalAnswers(HTTPAdapter):
    """An adapter of requests whose answers are final."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the one it overrides
        """Make the pools, of connections that read on."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


class _Response(HTTPResponse):
    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        while status < _FINAL_FROM and status != _SWITCHING_PROTOCOLS:
            parse_headers(self.fp)
            version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, status, reason


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
