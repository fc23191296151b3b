"""JSON text: read strictly, written again without loss, or cut out of another document to the letter."""

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
    """A text is no JSON. `line` is where, if the parser says so. The text itself is not in the error."""

    def __init__(self, line: int | None = None) -> None:
        super().__init__("no JSON")
        self.line = line


def read_json(text: str | bytes, make_object: Callable[[list[tuple[str, Any]]], object] | None = None) -> Any:  # noqa: ANN401 - JSON
    """Return what JSON text says, by RFC 8259. Raise `NotJsonError`, also for what is nested too deep to be read.

    Python's parser takes NaN and Infinity, which are no JSON. Integers of over 1,000 digits are refused, since they
    would take long to read. `make_object` is given the members of each object, as `object_pairs_hook` of `json.loads`.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_int=_integer, object_pairs_hook=make_object)
    except json.JSONDecodeError as error:
        raise NotJsonError(error.lineno) from None
    except (ValueError, RecursionError):
        raise NotJsonError from None


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


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise NotJsonError
    return int(text)


def _refuse_constant(_: str) -> NoReturn:
    raise NotJsonError


def _skip(text: str, at: int, mark: str) -> int:
    """Return where the text goes on after a mark and the blanks around it."""
    at = _blank(text, at)
    if not text.startswith(mark, at):
        raise ValueError("no JSON object")
    return _blank(text, at + len(mark))


def _blank(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


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
