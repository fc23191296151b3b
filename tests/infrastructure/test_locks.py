"""What is installed is what was locked, from wherever the machine gets its packages."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "layers/shared/requirements.txt"
LOCKS = [SHIPPED, *sorted((ROOT / "tests/requirements").glob("*.txt"))]
NODE_LOCKS = sorted((ROOT / "tests/requirements").glob("*.lock.json"))
# In two pieces, so that this file passes its own test.
REGISTRIES = re.compile("|".join(["py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.(org|com)"]))


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ \\]+)", lock.read_text("utf-8"), re.MULTILINE))


def node_packages(lock: Path) -> dict[str, dict[str, Any]]:
    """What npm installs, by folder; the root, which is the list itself, has no name."""
    packages: dict[str, dict[str, Any]] = json.loads(lock.read_text("utf-8"))["packages"]
    return packages


def project_files() -> Iterator[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - fixed words
    return (path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_pin_has_a_hash(lock: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", lock.read_text("utf-8"))
    assert len(entries) == len(re.findall(r"^[a-z0-9].*==", lock.read_text("utf-8"), re.MULTILINE))
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_address(lock: Path) -> None:
    assert "://" not in lock.read_text("utf-8")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_holds_what_its_list_asks_for(lock: Path) -> None:
    asked = re.findall(r"^[a-z0-9][a-z0-9._-]*", lock.with_suffix(".in").read_text("utf-8"), re.MULTILINE)
    assert asked
    assert set(asked) <= set(pins(lock))


@pytest.mark.parametrize("lock", NODE_LOCKS, ids=lambda lock: lock.stem)
def test_every_node_package_has_a_hash_and_no_address(lock: Path) -> None:
    packages = {folder: package for folder, package in node_packages(lock).items() if folder}
    assert packages
    assert [folder for folder, each in packages.items() if not each["integrity"].startswith("sha512-")] == []
    assert [folder for folder, each in packages.items() if "resolved" in each] == []


@pytest.mark.parametrize("lock", NODE_LOCKS, ids=lambda lock: lock.stem)
def test_a_node_lock_holds_what_its_list_asks_for_exactly(lock: Path) -> None:
    asked = json.loads(Path(str(lock).replace(".lock", "")).read_text("utf-8"))["dependencies"]
    packages = node_packages(lock)
    assert asked == packages[""]["dependencies"]
    assert asked == {name: packages[f"node_modules/{name}"]["version"] for name in asked}


def test_tests_run_with_the_versions_that_ship() -> None:
    tested = pins(ROOT / "tests/requirements/development.txt")
    assert {name: tested.get(name) for name in pins(SHIPPED)} == pins(SHIPPED)


def test_no_file_of_the_project_names_a_registry() -> None:
    texts = ((path, path.read_text("utf-8", errors="ignore")) for path in project_files())
    assert [path.relative_to(ROOT) for path, text in texts if REGISTRIES.search(text)] == []
