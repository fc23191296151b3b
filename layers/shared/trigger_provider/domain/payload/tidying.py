"""Corrects the spelling of a payload so that the wire can carry it: see decision 36.

A form sends "" for a field that was not filled in. A browser shows an address with characters that a URI can't have. An
event should not be lost for that. A payload without violations is not changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from trigger_provider.domain.payload.formats import FORMATS

_WEB: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*+:)(?://(?P<authority>[^/?#\\]*+))?(?P<path>[^#]*+)(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
_HOST: Final = re.compile(r"(?P<before>(?:[^@]*@)?)(?P<host>[^@:\[\]]+)(?P<port>(?::[0-9]*)?)")
_LONGEST_URI: Final = 8_000
"""RFC 9110 asks for 8,000 octets, and hardly any server takes more."""
_LONGEST_AUTHORITY: Final = 512
"""More than any host with a user before it; what Python's codec takes for one grows with its square."""
_BARE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT: Final = "%:/?@!$&'()*+,;=-._~[]"


def tidy(payload: Mapping[str, object], schema: Mapping[str, Any]) -> dict[str, object]:
    """Return the payload with URIs encoded, and without empty texts that have a format and are not required."""
    declared, required = schema.get("properties", {}), schema.get("required", ())
    return {
        name: _tidy_member(value, declared.get(name, {}))
        for name, value in payload.items()
        if value != "" or name in required or declared.get(name, {}).get("format") not in FORMATS
    }


def encode_uri(text: str) -> str:
    """Return the URI that a browser requests for this text, or the text itself if there is no such URI."""
    match = _WEB.fullmatch(text.strip())
    if match is None:
        return text
    authority = match["authority"]
    before = "" if authority is None else f"//{_encode_authority(authority)}"
    after = "" if match["fragment"] is None else f"#{_encode(match['fragment'])}"
    return f"{match['scheme']}{before}{_encode(match['path'])}{after}"


def _tidy_member(value: object, schema: Mapping[str, Any]) -> object:
    match value:
        case str() if (
            schema.get("format") == "uri" and len(value) <= _LONGEST_URI and not FORMATS["uri"].accepts(value)
        ):
            return encode_uri(value)
        case dict() if "properties" in schema:
            return tidy(value, schema)
        case list() if "items" in schema:
            return [tidy(item, schema["items"]) if isinstance(item, dict) else item for item in value]
    return value


def _encode(text: str) -> str:
    try:
        return quote(_BARE_PERCENT.sub("%25", text), safe=_KEPT)
    except UnicodeEncodeError:  # half of a surrogate pair
        return text


def _encode_authority(authority: str) -> str:
    """Return a host in ASCII, as DNS knows it."""
    match = _HOST.fullmatch(authority)
    if match is None or authority.isascii() or len(authority) > _LONGEST_AUTHORITY:
        return authority
    try:
        return f"{_encode(match['before'])}{match['host'].encode('idna').decode()}{match['port']}"
    except UnicodeError:
        return authority
