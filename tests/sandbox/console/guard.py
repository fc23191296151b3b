"""Who may speak to the page's server: a browser on this machine, from the page itself."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, abort, request

READING: Final = frozenset({"GET", "HEAD"})
POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self'; "
    "connect-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; "
    "trusted-types lit-html"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def guard(application: Flask, port: int) -> None:
    """Refuse names that were bound to this address anew, and what another page wants changed; allow no inline script.

    There is no CORS header, so no other page can read anything either.
    """
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    def check() -> None:
        if request.headers.get("Host") not in hosts:
            abort(403)
        if request.method not in READING and request.headers.get("Origin") != f"http://{request.headers['Host']}":
            abort(403)

    def dress(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    application.before_request(check)
    application.after_request(dress)
