"""What `sam build` puts into the layers, for AWS's own platform, whatever this machine is."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.fixtures import TRIGGERS

ROOT = Path(__file__).parents[2]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
# One is compiled for a processor, the other comes with a command line program.
LIBRARIES = ("jsonschema-rs", "jmespath")
OTHER = "3.13" if HERE != "3.13" else "3.12"


# Makes every client that the functions need, far from any network, and asks it where it would call.
CLIENTS = """
import json, sys
from botocore.config import Config
from botocore.session import Session

session, config = Session(), Config(retries={"mode": "standard", "total_max_attempts": 3})
made = {
    f"{name} {region}": session.create_client(name, region, config=config).meta.endpoint_url
    for name in sys.argv[1:]
    for region in ("eu-west-1", "us-gov-west-1", "cn-north-1")
}
loader = session.get_component("data_loader")
retries = loader.load_data("_retry")["definitions"].keys()
print(json.dumps({"made": made, "services": loader.list_available_services("service-2"), "retries": [*retries]}))
"""


def copy_of(layer: str, into: Path, libraries: tuple[str, ...] = LIBRARIES) -> Path:
    """SAM builds in a copy of the layer's folder, and so do we, with few libraries: all are in the stack tests."""
    copy = shutil.copytree(ROOT / "layers" / layer, into / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    for lock in copy.glob("requirements.txt"):
        pins = re.split(r"\n(?=[a-z])", lock.read_text("utf-8"))
        lock.write_text("\n".join(pin for pin in pins if pin.startswith(libraries)), "utf-8")
    return copy


def make(copy: Path, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.defpath, "UV": str(ROOT / ".build/uv/bin/uv"), **passed_on(), **variables}
    return subprocess.run(  # noqa: S603 - our own words
        ["make", "--directory", str(copy), target, f"ARTIFACTS_DIR={copy.parent}/layer"],  # noqa: S607 - wherever make is
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def passed_on() -> dict[str, str]:
    """What tells uv where packages come from and are kept, on this machine."""
    return {name: text for name, text in os.environ.items() if name.startswith(("UV_", "SSL_", "HOME", "HTTP", "http"))}


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared layer for AWS's processor, and for the Python that runs here so that there is bytecode."""
    folder = tmp_path_factory.mktemp("built")
    done = make(copy_of("shared", folder), "build-SharedLayer", LAYER_PYTHON=HERE, LAYER_INTERPRETER=sys.executable)
    assert done.returncode == 0, done.stderr
    return folder / "layer/python"


def test_it_holds_the_package_and_its_libraries_and_no_tests_of_ours(built: Path) -> None:
    assert {library.replace("-", "_") for library in LIBRARIES} <= {path.name for path in built.iterdir()}
    assert (built / "trigger_provider/wiring/parts.py").is_file()
    assert not (built / "tests").exists()


def test_compiled_libraries_are_for_the_processor_of_aws(built: Path) -> None:
    (library,) = built.glob("jsonschema_rs/*.so")
    machine = int.from_bytes(library.read_bytes()[18:20], "little")
    assert machine == 0xB7, "the number of AArch64 in an ELF header"


def test_every_module_of_ours_has_bytecode_that_python_does_not_check_again(built: Path) -> None:
    for source in (built / "trigger_provider").rglob("*.py"):
        (compiled,) = (source.parent / "__pycache__").glob(f"{source.stem}.cpython-*.pyc")
        assert compiled.read_bytes()[4:8] == b"\x01\0\0\0"


def test_it_holds_nothing_of_the_machine_that_built_it(built: Path) -> None:
    assert not (built / "bin").exists()
    assert not (built / ".lock").exists()
    assert [path for path in built.rglob("*") if path.is_file() and str(built).encode() in path.read_bytes()] == []


def asked_for() -> set[str]:
    """Every service for which the package makes a client; its command line is not in the layer."""
    modules = (path for path in (ROOT / "layers/shared/trigger_provider").rglob("*.py") if path.parent.name != "cli")
    return {name for path in modules for name in re.findall(r'client\("([a-z0-9-]+)"', path.read_text("utf-8"))}


@pytest.fixture(scope="module")
def botocore(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the botocore of a built layer can do."""
    folder = tmp_path_factory.mktemp("botocore")
    libraries = ("botocore", "jmespath", "python-dateutil", "six", "urllib3")
    built = make(
        copy_of("shared", folder, libraries),
        "build-SharedLayer",
        LAYER_PLATFORM="",
        LAYER_PYTHON=HERE,
        LAYER_INTERPRETER="false",
    )
    assert built.returncode == 0, built.stderr
    run = subprocess.run(  # noqa: S603 - our own words
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path.insert(0, {str(folder / 'layer/python')!r})\n{CLIENTS}",
            *asked_for(),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def test_botocore_makes_every_client_that_a_function_asks_for_in_every_partition(botocore: dict[str, Any]) -> None:
    assert asked_for() >= {"dynamodb", "sqs", "events", "secretsmanager"}
    assert botocore["made"].keys() == {
        f"{name} {region}" for name in asked_for() for region in ("eu-west-1", "us-gov-west-1", "cn-north-1")
    }
    assert botocore["made"]["dynamodb eu-west-1"] == "https://dynamodb.eu-west-1.amazonaws.com"
    assert botocore["made"]["sqs cn-north-1"] == "https://sqs.cn-north-1.amazonaws.com.cn"


def test_botocore_knows_no_service_beside_and_still_what_belongs_to_all(botocore: dict[str, Any]) -> None:
    assert set(botocore["services"]) == asked_for() | {"sts"}
    assert "throttling" in botocore["retries"]


def test_two_builds_are_alike_so_that_an_unchanged_layer_is_not_published_again(built: Path, tmp_path: Path) -> None:
    again = make(copy_of("shared", tmp_path), "build-SharedLayer", LAYER_PYTHON=HERE, LAYER_INTERPRETER=sys.executable)
    assert again.returncode == 0, again.stderr
    assert contents(tmp_path / "layer/python") == contents(built)


def test_a_package_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    copy = copy_of("shared", tmp_path)
    lock = copy / "requirements.txt"
    lock.write_text(re.sub(r"sha256:....", "sha256:0000", lock.read_text("utf-8")), "utf-8")
    done = make(copy, "build-SharedLayer")
    assert "Hash mismatch" in done.stderr


def test_without_an_interpreter_of_its_version_it_is_built_without_bytecode_and_says_so(tmp_path: Path) -> None:
    done = make(copy_of("shared", tmp_path), "build-SharedLayer", LAYER_PYTHON=OTHER, LAYER_INTERPRETER=sys.executable)
    assert done.returncode == 0, done.stderr
    assert f"No Python {OTHER} runs here" in done.stdout
    assert list((tmp_path / "layer").rglob("*.pyc")) == []


def test_without_uv_it_says_what_is_missing(tmp_path: Path) -> None:
    done = make(copy_of("shared", tmp_path), "build-SharedLayer", UV="no-such-uv")
    assert done.returncode != 0
    assert "uv is not on the PATH" in done.stderr


def test_the_catalogue_becomes_the_folder_that_the_package_reads(tmp_path: Path) -> None:
    done = make(copy_of("triggers", tmp_path), "build-TriggersLayer", CATALOGUE_FOLDER=str(TRIGGERS))
    assert done.returncode == 0, done.stderr
    shipped = {path.name for path in (tmp_path / "layer/python/triggers").iterdir()}
    assert shipped == {path.name for path in TRIGGERS.glob("*.json")}
