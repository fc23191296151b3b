"""Tries a mutation: on a copy of the package, until a suite notices or all have had their say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.proof.mutations.mutations import Mutation

ROOT: Final = Path(__file__).parents[3]
SHARED: Final = ROOT / "layers/shared"


class NotThereError(Exception):
    """The text that a mutation replaces is not in the package, or not once: the mutation must follow the code."""


class SuiteBrokenError(Exception):
    """A suite could not run at all, so it has noticed nothing."""


def is_caught(mutation: Mutation, *, thoroughly: bool) -> bool:
    """Return whether a suite notices; without `thoroughly` only the case that should is asked."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        place = Path(folder)
        shutil.copytree(SHARED / "trigger_provider", place / "trigger_provider")
        apply(mutation, place / "trigger_provider")
        if mutation.is_of_the_ledger or mutation.is_of_sites:
            suites = _ledger_suites() if mutation.is_of_the_ledger else _site_suites()
            return not _passes("pytest", "-x", "-q", *suites, f"--override-ini=pythonpath=. layers {place}", at=place)
        if not _passes("tests.proof.model", "--only", mutation.case, at=place):
            return True
        return thoroughly and not _passes("tests.proof.model", at=place)


def apply(mutation: Mutation, package: Path) -> None:
    """Replace the one text, or raise NotThereError."""
    file = package / mutation.file
    text = file.read_text("utf-8")
    if text.count(mutation.before) != 1:
        raise NotThereError(f"{mutation.wrong}: {text.count(mutation.before)} times in {mutation.file}")
    file.write_text(text.replace(mutation.before, mutation.after), "utf-8")


def _ledger_suites() -> list[str]:
    return ["tests/contract/test_ledger.py", "tests/contract/test_ledger_stateful.py"]


def _site_suites() -> list[str]:
    sites = ("rate_limit", "admission", "suspension", "walk")
    delivery = ("dead_letters", "settlement", "turns")
    units = [
        *(f"tests/unit/domain/sites/test_{name}.py" for name in sites),
        *(f"tests/unit/domain/delivery/test_{name}.py" for name in delivery),
    ]
    return [*units, "tests/unit/use_cases/sites/test_site_trouble.py", "tests/unit/use_cases/test_outage.py"]


def _passes(module: str, *arguments: str, at: Path) -> bool:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([".", "tests/fixtures", str(at)])}
    run = subprocess.run(  # noqa: S603 - the project's own tests
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if run.returncode not in (0, 1):
        raise SuiteBrokenError(f"{module} {' '.join(arguments)}: exit code {run.returncode}")
    return run.returncode == 0
