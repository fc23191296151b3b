"""Cold starts through Lambda's own runtime client, each beside a bare handler that makes the same clients."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.bench.benchmarks.contest import ROOT
from tests.bench.benchmarks.environment import environment
from tests.bench.benchmarks.figures import Figure, figure
from tests.bench.benchmarks.runtime_api import Invocation
from tests.support.fixtures import TRIGGERS

BUILT: Final = ROOT / ".build/benchmarks"
LAYERS: Final = BUILT / "layers"

_MOST: Final = 1.15
_MOST_FOR_WEBHOOKS: Final = 350
_ROUNDS: Final = 5
_LEDGER: Final = ("dynamodb",)
_INTAKE: Final = ("dynamodb", "sqs")
_NOTHING: Final[Mapping[str, Any]] = {"Records": []}
_EVENT: Final[Mapping[str, Any]] = {"id": "1", "source": "nobody", "detail-type": "Nothing", "detail": {}}
_CALL: Final[Mapping[str, Any]] = {"requestContext": {"http": {"method": "POST"}}, "headers": {}, "body": ""}
# What each function talks to, whether it speaks HTTP itself, and an event that makes it do as little as may be.
_FUNCTIONS: Final[Mapping[str, tuple[tuple[str, ...], bool, object]]] = {
    "intake_eventbridge": (_INTAKE, False, _EVENT),
    "intake_sqs": (_INTAKE, False, _NOTHING),
    "intake_direct": (_INTAKE, False, {"requests": []}),
    "deliver": ((*_INTAKE, "secretsmanager"), True, _NOTHING),
    "recover": (_INTAKE, False, {}),
    "dead_letters": (_LEDGER, False, _NOTHING),
    "app_webhooks": (_LEDGER, False, _CALL),
    "refresh_payload": (_LEDGER, False, {**_CALL, "rawPath": "/refresh-payload"}),
}
_BARE: Final = """
import boto3
{imports}
session = boto3.Session()
clients = [session.client(name) for name in {clients}]

def handler(event, context):
    return {{}}
"""


def build_layers() -> Path:
    """Build both layers as `sam build` does, for the Python that runs here; give the folder that goes on the path."""
    shutil.rmtree(LAYERS, ignore_errors=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for name, target in (("shared", "build-SharedLayer"), ("triggers", "build-TriggersLayer")):
        copy = shutil.copytree(ROOT / "layers" / name, LAYERS / name, ignore=shutil.ignore_patterns("__pycache__"))
        words = ["make", "--directory", str(copy), target, f"ARTIFACTS_DIR={LAYERS / 'opt'}"]
        settings = {"LAYER_PLATFORM": "", "LAYER_PYTHON": version, "LAYER_INTERPRETER": sys.executable}
        done = subprocess.run(
            [*words, *(f"{name}={text}" for name, text in settings.items())],
            env={**os.environ, "UV": str(ROOT / ".build/uv/bin/uv"), "CATALOGUE_FOLDER": str(TRIGGERS)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return LAYERS / "opt/python"


def layer_size(layer: Path) -> Figure:
    """Return the megabytes of the shared layer, unzipped, with its bytecode and the catalogue."""
    size = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())
    return figure("size of both layers, unzipped", [size / 1e6], "MB", most=45)


def measured(layer: Path, base_url: str) -> list[Figure]:
    """Return for each function the milliseconds of processor to its first answer, and how often the bare one's."""
    functions = {name: parts for name, parts in _FUNCTIONS.items() if (ROOT / "functions" / name).is_dir()}
    bare = {name: _bare_handler(name, clients, http) for name, (clients, http, _) in functions.items()}
    on_path = {**environment(base_url), "PYTHONPATH": str(layer)}
    ours: dict[str, list[float]] = {name: [] for name in functions}
    theirs: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(_ROUNDS):
        for name, (_, _, event) in functions.items():
            theirs[name].append(1_000 * Invocation(event).seconds(bare[name], on_path))
            ours[name].append(1_000 * Invocation(event).seconds(ROOT / "functions" / name, on_path))
    return [each for name in functions for each in _figures(name, ours[name], theirs[name])]


def _figures(name: str, ours: list[float], theirs: list[float]) -> list[Figure]:
    most = _MOST_FOR_WEBHOOKS if name in {"app_webhooks", "refresh_payload"} else None
    ratios = [seconds / other for seconds, other in zip(ours, theirs, strict=True)]
    return [
        figure(f"cold start of {name}", ours, "ms", most=most),
        figure(f"  … beside a bare handler of {median(theirs):.0f} ms", ratios, "×", most=_MOST),
    ]


def _bare_handler(name: str, clients: tuple[str, ...], http: bool) -> Path:  # noqa: FBT001 - a column of the table above
    folder = BUILT / "bare" / name
    folder.mkdir(parents=True, exist_ok=True)
    imports = "import requests" if http else ""
    (folder / "handler.py").write_text(_BARE.format(imports=imports, clients=clients), "utf-8")
    return folder
