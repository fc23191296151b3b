"""One name in all places, and short handlers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.template import functions, properties

ROOT = Path(__file__).parents[2]
MOST_LINES_OF_A_HANDLER = 60
FOLDERS = sorted(path.name for path in (ROOT / "functions").iterdir() if path.is_dir())
PACKAGE = ROOT / "layers/shared/trigger_provider"


def resource_of(folder: str) -> str:
    return "".join(word.capitalize() for word in folder.split("_")) + "Function"


def test_every_folder_is_a_function_and_every_function_a_folder() -> None:
    assert sorted(resource_of(folder) for folder in FOLDERS) == sorted(functions())


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_function_is_built_from_its_folder(folder: str) -> None:
    assert properties(resource_of(folder))["CodeUri"] == f"functions/{folder}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_is_one_handler(folder: str) -> None:
    files = [path.name for path in (ROOT / "functions" / folder).iterdir() if path.name != "__pycache__"]
    assert files == ["handler.py"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_handler_is_short(folder: str) -> None:
    lines = (ROOT / "functions" / folder / "handler.py").read_text("utf-8").splitlines()
    assert len(lines) <= MOST_LINES_OF_A_HANDLER


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_has_samples_of_its_messages(folder: str) -> None:
    names = [path.name for path in (ROOT / "events" / folder).glob("*.json")]
    assert names
    assert [name for name in names if not re.fullmatch(r"(valid|invalid)-[A-Za-z0-9-]+\.json", name)] == []


def test_only_the_settings_read_the_environment() -> None:
    readers = [path for path in PACKAGE.rglob("*.py") if "os.environ" in path.read_text("utf-8")]
    assert readers == [PACKAGE / "settings/environment.py"]
