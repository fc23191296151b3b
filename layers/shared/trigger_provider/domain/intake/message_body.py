"""Bodies of messages that are kept: as they came in, and within what a queue's message holds.

A body that does not fit beside its attributes is compressed, and an attribute says so: `base64 -d | gunzip` reads it.
"""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BODY_ENCODING: Final = "body_encoding"
"""The attribute of a message that says how its body is encoded, where it is not the text itself."""

EVEN_IF_TOO_OLD: Final = "even_if_too_old"
"""The attribute of a message that a person has replayed although its event is older than the ledger's memory."""

GZIP_BASE64: Final = "gzip+base64"

MOST_UNPACKED_BYTES: Final = 4 * SQS_MESSAGE_BYTES
"""What a compressed body may hold: more than any that we compress, and no more than a function has memory for."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_DATA_TYPE: Final = "String"


class FittedMessage(NamedTuple):
    """A body with its attributes, as they fit into one message."""

    body: str
    attributes: Mapping[str, str]


def fit(body: str, attributes: Mapping[str, str]) -> FittedMessage | None:
    """Return the message, its body compressed if it must be; nothing if it does not fit even so."""
    for message in _variants(body, attributes):
        if size_of(message.body, message.attributes) <= SQS_MESSAGE_BYTES:
            return message
    return None


def size_of(body: str, attributes: Mapping[str, str]) -> int:
    """Return the bytes of a message as SQS counts them: the body, and name, type and value of each attribute."""
    texts = [body, *attributes, *attributes.values()]
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) + len(_DATA_TYPE) * len(attributes)


def unpack(body: str, attributes: Mapping[str, str]) -> str:
    """Return the body as it was before it was compressed, if it was; `ValueError` if it can't be read."""
    encoding = attributes.get(BODY_ENCODING)
    if encoding is None:
        return body
    if encoding != GZIP_BASE64:
        raise ValueError("the encoding of this body is not known")
    try:
        unpacking = zlib.decompressobj(_GZIP)
        text = unpacking.decompress(base64.b64decode(body, validate=True), MOST_UNPACKED_BYTES)
        if unpacking.eof and not unpacking.unused_data:
            return text.decode()
    except (ValueError, zlib.error):
        pass
    raise ValueError("the body is not compressed as its attribute says")


def _variants(body: str, attributes: Mapping[str, str]) -> Iterator[FittedMessage]:
    yield FittedMessage(body, attributes)
    raw = body.encode("utf-8", "surrogatepass")
    if len(raw) <= MOST_UNPACKED_BYTES:
        packing = zlib.compressobj(wbits=_GZIP)
        packed = base64.b64encode(packing.compress(raw) + packing.flush()).decode("ascii")
        yield FittedMessage(packed, {**attributes, BODY_ENCODING: GZIP_BASE64})
