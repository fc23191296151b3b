"""Bodies are kept as they came in, and within what a message of a queue holds."""

from __future__ import annotations

import base64
import gzip

import pytest

from tests.support.noise import noise
from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES
from trigger_provider.domain.intake.message_body import (
    BODY_ENCODING,
    GZIP_BASE64,
    MOST_UNPACKED_BYTES,
    fit,
    size_of,
    unpack,
)

WHY = {"outcome": "invalid", "pointer": "/payload/größe", "rule": "format"}
ROOM = SQS_MESSAGE_BYTES - size_of("", WHY)


@pytest.mark.parametrize("letter", ["x", "ж", "買", "🧾"])
def test_a_body_that_fits_beside_its_attributes_goes_as_it_is(letter: str) -> None:
    wide = len(letter.encode())
    body = letter * (ROOM // wide) + "x" * (ROOM % wide)
    assert fit(body, WHY) == (body, WHY)


@pytest.mark.parametrize("letter", ["x", "ж", "買", "🧾"])
def test_a_body_that_does_not_fit_beside_its_attributes_is_compressed_and_an_attribute_says_so(letter: str) -> None:
    body = letter * (ROOM // len(letter.encode()) + 1)
    message = fit(body, WHY)
    assert message is not None
    assert message.attributes == {**WHY, BODY_ENCODING: GZIP_BASE64}
    assert unpack(message.body, message.attributes) == body
    assert gzip.decompress(base64.b64decode(message.body)).decode() == body


def test_what_fits_nowhere_even_compressed_is_nothing() -> None:
    assert fit(noise(ROOM), WHY) is not None
    assert fit(noise(ROOM + 1), WHY) is None
    assert fit("x" * (MOST_UNPACKED_BYTES + 1), {}) is None


def test_a_body_without_the_attribute_is_the_text_itself() -> None:
    assert unpack("H4sIAAAA", WHY) == "H4sIAAAA"


def packed(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    "body, encoding",
    [
        pytest.param("planted", "br", id="another encoding"),
        pytest.param("planted ж", GZIP_BASE64, id="no base64"),
        pytest.param(packed(b"planted"), GZIP_BASE64, id="no gzip"),
        pytest.param(packed(gzip.compress(b"planted")[:-1]), GZIP_BASE64, id="cut short"),
        pytest.param(packed(gzip.compress(b"planted") + b"more"), GZIP_BASE64, id="more behind it"),
        pytest.param(packed(gzip.compress(b"\xff")), GZIP_BASE64, id="no UTF-8"),
        pytest.param(packed(gzip.compress(bytes(MOST_UNPACKED_BYTES + 1))), GZIP_BASE64, id="a bomb"),
    ],
)
def test_what_is_not_compressed_as_its_attribute_says_is_an_error_without_its_text(body: str, encoding: str) -> None:
    with pytest.raises(ValueError, match="body") as raised:
        unpack(body, {BODY_ENCODING: encoding})
    assert "planted" not in str(raised.value)
