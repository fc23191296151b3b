"""What is vendored for the sandbox's page is what its list says, with a licence, and asks nobody for anything."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "sandbox/console/page"
VENDOR = PAGE / "vendor"
LISTED = dict(
    re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text("utf-8"), re.MULTILINE)
)


def test_each_vendored_file_is_listed_with_its_checksum() -> None:
    files = {str(path.relative_to(VENDOR)): path.read_bytes() for path in VENDOR.rglob("*.js")}

    assert {name: hashlib.sha256(content).hexdigest() for name, content in files.items()} == LISTED
    assert "BSD 3-Clause" in (VENDOR / "lit-html/LICENSE").read_text("utf-8")


def test_no_file_of_the_page_names_another_host() -> None:
    texts = {path.name: path.read_text("utf-8") for path in PAGE.rglob("*") if path.suffix in {".js", ".css", ".html"}}
    named = {name: re.findall(r"https?://[^\s\"'`)]+", text) for name, text in texts.items()}

    assert {name: hosts for name, hosts in named.items() if hosts and name != "automations.js"} == {}
    assert named["automations.js"] == ["http://127.0.0.1:9/hook"]
