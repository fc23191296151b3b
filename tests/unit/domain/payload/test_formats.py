from __future__ import annotations

import pytest

from trigger_provider.domain.payload.formats import FORMATS

GUID = "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44"
GOOD = {
    "date": ["2026-11-24"],
    "date-time": ["2026-11-24T08:00:00Z", "2026-11-24T08:00:00.25-05:00"],
    "email": ["ada@example.com", "a.b+c@sub.example.co", "o'brien@example.ie", "root@localhost"],
    "number": ["0", "-1.50", "1190.00", "1e3"],
    "uri": [
        "https://example.com",
        "https://user@example.com:8443/a%20b?c=d#e",
        "https://[2001:db8::1]/",
        "mailto:ada@example.com",
        "urn:isbn:0451450523",
    ],
    "uuid": [GUID, GUID.upper(), "00000000-0000-0000-0000-000000000000"],
}
BAD = {
    "date": ["2026-02-30", "24.11.2026", ""],
    "date-time": ["2026-11-24T08:00:00", "2026-11-24T08:00:00+0000", "tomorrow"],
    "email": ["", "ada", "ada@", "@example.com", "a b@example.com", "ada@example..com", "ada@-example.com", "a@b@c"],
    "number": ["", "1,50", "01", "1.", ".5", "NaN", "+1", "1 "],
    "uri": [
        "",
        "example.com",
        "/a/b",
        "https://",
        "https:///a",
        "https://example.com/a b",
        "https://example.com/%zz",
        "https://[::1/",
        "https://example.com/#a#b",
        "https://exämple.com/",
        "1https://example.com",
    ],
    "uuid": ["", GUID[:-1], f"{{{GUID}}}", GUID.replace("-", ""), GUID.replace("6", "g"), f"{GUID}\n"],
}


def test_every_format_has_good_and_bad_samples_here() -> None:
    assert set(FORMATS) == set(GOOD) == set(BAD)


@pytest.mark.parametrize("name, text", [(name, text) for name, texts in GOOD.items() for text in texts])
def test_a_string_of_the_format_is_taken(name: str, text: str) -> None:
    assert FORMATS[name].accepts(text)


@pytest.mark.parametrize("name, text", [(name, text) for name, texts in BAD.items() for text in texts])
def test_a_string_of_another_format_is_refused(name: str, text: str) -> None:
    assert not FORMATS[name].accepts(text)
