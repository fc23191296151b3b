"""Importing our modules makes no client, opens no socket, and needs nothing from the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/shared/trigger_provider"
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
)

# Audit hooks see what any library does, in C too.
GUARD = """
import gc, importlib, sys
sys.path[:0] = [{layer!r}]

def refuse(event, arguments):
    if event.startswith("socket.") and event not in ("socket.gethostname",):
        raise AssertionError(event)

sys.addaudithook(refuse)
for module in {modules!r}:
    importlib.import_module(module)
import botocore.client
assert not [kept for kept in gc.get_objects() if isinstance(kept, botocore.client.BaseClient)]
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code],
        env={"PATH": os.defpath},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def guarded(modules: list[str]) -> str:
    return GUARD.format(layer=str(PACKAGE.parent), modules=modules)


def test_every_module_can_be_imported_with_an_empty_environment_and_no_network() -> None:
    done = run(guarded(MODULES))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "trouble",
    ["import socket; socket.socket()", "import boto3; kept = boto3.client('sqs', region_name='eu-west-1')"],
)
def test_the_guard_itself_sees_sockets_and_clients(trouble: str, tmp_path: Path) -> None:
    (tmp_path / "troublesome.py").write_text(trouble)
    code = guarded(["troublesome"]).replace("sys.path[:0] = [", f"sys.path[:0] = [{str(tmp_path)!r}, ")
    assert "AssertionError" in run(code).stderr


PROMISES = {"trigger_provider.use_cases.ports.ledger", "trigger_provider.use_cases.ports.wix"}
SPARED = {
    "intake": {"requests", "jwt"},
    "delivery": {"jsonschema_rs", "jwt", "trigger_provider.use_cases.intake.accept"},
    "recovery": {"requests", "jsonschema_rs", "jwt"},
    "dead_letters": {"requests", "jsonschema_rs", "jwt"},
    "wix": {"requests", "jsonschema_rs"},
}


def test_every_room_of_the_wiring_spares_its_functions_something() -> None:
    assert {path.stem for path in (PACKAGE / "wiring").glob("*.py")} == {"__init__", "parts", *SPARED}


@pytest.mark.parametrize("room", SPARED)
def test_a_cold_start_waits_for_nothing_that_the_function_does_not_need(room: str) -> None:
    loads = f"import sys; sys.path[:0] = [{str(PACKAGE.parent)!r}]; import trigger_provider.wiring.{room}"
    done = run(f"{loads}; print({SPARED[room] | PROMISES!r} & set(sys.modules))")
    assert done.stdout == "set()\n", done.stderr
