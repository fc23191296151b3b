from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.errors import InvalidCatalogue

GUID = "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44"
FILE: dict[str, Any] = {
    "key": "page_seen",
    "name": "Page is seen",
    "kind": "realtime",
    "version": "time",
    "schema": {
        "type": "object",
        "properties": {"page": {"type": "string", "format": "uuid", "title": "Page", "examples": [GUID]}},
    },
    "bindings": [],
}


def a_directory(path: Path, files: Mapping[str, object]) -> Path:
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (path / name).write_text(text, "utf-8")
    return path


def refusals(directory: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidCatalogue) as refusal:
        load_catalogue(directory)
    return [(file, fault.pointer, fault.rule) for file, fault in refusal.value.violations]


def test_every_json_file_of_the_directory_is_a_trigger_in_the_order_of_keys(tmp_path: Path) -> None:
    files = {"b.json": {**FILE, "key": "b"}, "a.json": {**FILE, "key": "a"}, "README.md": "no trigger"}
    assert list(load_catalogue(a_directory(tmp_path, files)).triggers) == ["a", "b"]


def test_the_faults_of_all_files_are_told_together_with_file_place_and_rule(tmp_path: Path) -> None:
    files = {"a.json": {**FILE, "key": "b"}, "c.json": {**FILE, "key": "c", "kind": "later"}, "d.json": "{"}
    assert refusals(a_directory(tmp_path, files)) == [
        ("a.json", "/key", "file-name"),
        ("c.json", "/kind", "enum"),
        ("d.json", "", "json"),
    ]


def test_the_error_s_text_has_a_line_for_each_fault(tmp_path: Path) -> None:
    directory = a_directory(tmp_path, {"a.json": {**FILE, "key": "b"}, "d.json": "[\n1,\n"})
    with pytest.raises(InvalidCatalogue) as refusal:
        load_catalogue(directory)
    assert str(refusal.value).splitlines() == [
        "a.json/key: file-name: a trigger file is named after its key",
        "d.json: json: the file is not JSON in UTF-8 (line 3)",
    ]


@pytest.mark.parametrize("text", ["", "{'a': 1}", '{"a": NaN}', '{"a": Infinity}', "[" * 100_000, "\ufeff{}"])
def test_what_is_not_json_is_refused(tmp_path: Path, text: str) -> None:
    assert refusals(a_directory(tmp_path, {"page_seen.json": text})) == [("page_seen.json", "", "json")]


@pytest.mark.parametrize("depth", [100, 500, 950, 1_050, 20_000])
def test_nesting_of_any_depth_is_a_fault_and_no_crash(tmp_path: Path, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    assert len(refusals(a_directory(tmp_path, {"page_seen.json": deep}))) == 1
    deep_inside = json.dumps({**FILE, "bindings": "HERE"}).replace('"HERE"', deep)
    assert len(refusals(a_directory(tmp_path, {"page_seen.json": deep_inside}))) == 1


def test_bytes_that_are_not_utf_8_are_refused(tmp_path: Path) -> None:
    (tmp_path / "page_seen.json").write_bytes(b'{"key": "\xff"}')
    assert refusals(tmp_path) == [("page_seen.json", "", "json")]


def test_a_name_given_twice_is_refused_at_its_place(tmp_path: Path) -> None:
    text = json.dumps(FILE).replace('"title": "Page"', '"title": "Page", "title": "Site"')
    place = "/schema/properties/page/title"
    assert refusals(a_directory(tmp_path, {"page_seen.json": text})) == [("page_seen.json", place, "repeated")]


def test_a_directory_without_triggers_is_refused(tmp_path: Path) -> None:
    """It means that the layer was not built, or is not attached."""
    assert refusals(tmp_path) == [("*.json", "", "empty")]


def test_a_catalogue_can_t_be_changed(tmp_path: Path) -> None:
    catalogue = load_catalogue(a_directory(tmp_path, {"page_seen.json": FILE}))
    with pytest.raises(TypeError):
        catalogue.triggers["other"] = catalogue.triggers["page_seen"]  # type: ignore[index]
