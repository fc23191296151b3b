from __future__ import annotations

from trigger_provider.domain.payload.json_pointer import pointer_to


def test_a_pointer_escapes_what_rfc_6901_escapes() -> None:
    assert pointer_to(["a/b", "~", 0]) == "/a~1b/~0/0"


def test_a_pointer_can_start_below_another() -> None:
    assert pointer_to(["b"], below="/a") == "/a/b"


def test_a_pointer_is_short_printable_ascii_whatever_the_name() -> None:
    pointer = pointer_to(["\x00\n\ud800é", "x" * 5000])
    assert pointer.isascii()
    assert pointer.isprintable()
    assert len(pointer) < 150
