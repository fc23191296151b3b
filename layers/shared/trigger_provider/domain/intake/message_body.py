"""Bodies of messages that are kept: as they came in, and within what a queue's message holds.

A body that does not fit beside its attributes is compressed, and an attribute says so: `base64 -d | gunzip` reads it.
"""

from __future__ import annotations

import base64
import json
import math
import re
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BODY_ENCODING: Final = "body_encoding"
"""The attribute of a message that says how its body is encoded, where it is not the text itself."""

EVEN_IF_TOO_OLD: Final = "even_if_too_old"
"""The attribute of a message that a person has replayed although its event is older than the ledger's memory."""

GZIP_BASE64: Final = "gzip+base64"

MOST_UNPACKED_BYTES: Final = 4 * SQS_MESSAGE_BYTES
"""What a compressed body may hold: more than any that we compress, and no more than a function has memory for."""

NOT_ALLOWED: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that SQS refuses in a message or an attribute: SendMessage in the API reference."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_DATA_TYPE: Final = "String"
_READER: Final = json.JSONDecoder()
_BLANKS: Final = re.compile(r"[ \t\n\r]*+")


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


def write_json(document: object) -> str:
    """Return a document that Lambda has parsed as JSON again, with its characters as they are and without blanks.

    Only what SQS takes in no message is escaped. Lambda's parser reads a number beyond a double, such as 1e400, as
    infinite; it is written as such a number.
    """
    try:
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        text = "".join(_pieces(document))
    return NOT_ALLOWED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def member_text(text: str, name: str) -> str | None:
    """Return the text of a member of a JSON object just as it stands there, the last one of that name.

    `ValueError` if the text is no JSON object with members.
    """
    value = None
    at = _skip(text, 0, "{")
    while True:
        key, end = _READER.raw_decode(text, at)
        begin = _skip(text, end, ":")
        _, end = _READER.raw_decode(text, begin)
        value = text[begin:end] if key == name else value
        if text.startswith("}", _blank(text, end)):
            return value
        at = _skip(text, end, ",")


def _skip(text: str, at: int, mark: str) -> int:
    """Return where the text goes on after a mark and the blanks around it."""
    at = _blank(text, at)
    if not text.startswith(mark, at):
        raise ValueError("no JSON object")
    return _blank(text, at + len(mark))


def _blank(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _variants(body: str, attributes: Mapping[str, str]) -> Iterator[FittedMessage]:
    yield FittedMessage(body, attributes)
    raw = body.encode("utf-8", "surrogatepass")
    if len(raw) <= MOST_UNPACKED_BYTES:
        packing = zlib.compressobj(wbits=_GZIP)
        packed = base64.b64encode(packing.compress(raw) + packing.flush()).decode("ascii")
        yield FittedMessage(packed, {**attributes, BODY_ENCODING: GZIP_BASE64})


class _Piece(str):
    """A text that is JSON already."""

    __slots__ = ()


def _pieces(document: object) -> Iterator[str]:
    """Yield a document as JSON, however deep it is, and infinite numbers as numbers that no double holds."""
    left: list[object] = [document]
    while left:
        match left.pop():
            case _Piece() as piece:
                yield piece
            case dict() as members:
                parts = [(_Piece(f"{json.dumps(name, ensure_ascii=False)}:"), value) for name, value in members.items()]
                yield "{"
                left += _in_turn(parts, "}")
            case list() as items:
                yield "["
                left += _in_turn([(item,) for item in items], "]")
            case atom:
                yield _atom(atom)


def _in_turn(groups: Sequence[tuple[object, ...]], end: str) -> Iterator[object]:
    """Yield what is to be written last first, with commas between the groups."""
    yield _Piece(end)
    for number, group in reversed(list(enumerate(groups))):
        yield from reversed(group)
        if number:
            yield _Piece(",")


def _atom(atom: object) -> str:
    if isinstance(atom, float) and math.isinf(atom):
        return "1e999" if atom > 0 else "-1e999"
    return json.dumps(atom, ensure_ascii=False)
