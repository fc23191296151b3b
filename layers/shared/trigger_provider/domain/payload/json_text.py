"""Reads JSON text strictly, writes it without loss, and cuts the text of a member out of a document."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

NOT_ALLOWED: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that SQS refuses in a message or an attribute: SendMessage in the API reference."""

_MOST_DIGITS: Final = 1_000
_READER: Final = json.JSONDecoder()
_BLANKS: Final = re.compile(r"[ \t\n\r]*+")


class NotJsonError(ValueError):
    """The text is no JSON. `line` is the place, if the parser names it. The error does not hold the text."""

    def __init__(self, line: int | None = None) -> None:
        super().__init__("no JSON")
        self.line = line


def read_json(text: str | bytes, make_object: Callable[[list[tuple[str, Any]]], object] | None = None) -> Any:  # noqa: ANN401 - JSON
    """Return the value of JSON text, by RFC 8259. Raise `NotJsonError`, also if it is nested too deeply to be read.

    Python's parser accepts NaN and Infinity, which are no JSON. Integers of over 1,000 digits are refused, because they
    take long to read. `make_object` gets the members of each object, as `object_pairs_hook` of `json.loads`.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_int=_integer, object_pairs_hook=make_object)
    except json.JSONDecodeError as error:
        raise NotJsonError(error.lineno) from None
    except (ValueError, RecursionError):
        raise NotJsonError from None


def write_json(document: object) -> str:
    """Return a document that Lambda has parsed, as JSON again: without blanks, and with its characters as they are.

    Only characters that SQS refuses are escaped. Lambda's parser reads a number beyond a double, such as 1e400, as
    infinite. It is written as a number beyond a double again.
    """
    try:
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        text = "".join(_pieces(document))
    return NOT_ALLOWED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def member_text(text: str, name: str) -> str | None:
    """Return the exact text of a member of a JSON object. If a name is repeated, its last member counts.

    Raise `ValueError` if the text is no JSON object with members.
    """
    value = None
    position = _skip(text, 0, "{")
    while True:
        key, end = _READER.raw_decode(text, position)
        begin = _skip(text, end, ":")
        _, end = _READER.raw_decode(text, begin)
        value = text[begin:end] if key == name else value
        if text.startswith("}", _blank(text, end)):
            return value
        position = _skip(text, end, ",")


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise NotJsonError
    return int(text)


def _refuse_constant(_: str) -> NoReturn:
    raise NotJsonError


def _skip(text: str, position: int, mark: str) -> int:
    """Return the position after a mark and the blanks around it."""
    position = _blank(text, position)
    if not text.startswith(mark, position):
        raise ValueError("no JSON object")
    return _blank(text, position + len(mark))


def _blank(text: str, position: int) -> int:
    match = _BLANKS.match(text, position)
    return match.end() if match else position


class _Piece(str):
    """A text that is JSON already."""

    __slots__ = ()


def _pieces(document: object) -> Iterator[str]:
    """Yield the JSON of a document of any depth. An infinite number is written as one beyond a double."""
    pending: list[object] = [document]
    while pending:
        match pending.pop():
            case _Piece() as piece:
                yield piece
            case dict() as members:
                parts = [(_Piece(f"{json.dumps(name, ensure_ascii=False)}:"), value) for name, value in members.items()]
                yield "{"
                pending += _in_turn(parts, "}")
            case list() as items:
                yield "["
                pending += _in_turn([(item,) for item in items], "]")
            case atom:
                yield _atom(atom)


def _in_turn(groups: Sequence[tuple[object, ...]], end: str) -> Iterator[object]:
    """Yield the parts in reverse order, with commas between the groups, because the last part is taken first."""
    yield _Piece(end)
    for index, group in reversed(list(enumerate(groups))):
        yield from reversed(group)
        if index:
            yield _Piece(",")


def _atom(atom: object) -> str:
    if isinstance(atom, float) and math.isinf(atom):
        return "1e999" if atom > 0 else "-1e999"
    return json.dumps(atom, ensure_ascii=False)
