"""Asks git which state of the project is run."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

from tests.tools.steady.runs import Tree

UNKNOWN = Tree("unknown")


def read_tree(root: Path) -> Tree:
    """Return the commit, and a digest of all that differs from it; outside of a repository it is unknown."""
    try:
        commit = _git(root, "rev-parse", "HEAD").decode().strip()
        new_files = _git(root, "ls-files", "--others", "--exclude-standard", "-z").decode().split("\0")
        digest = sha256(changed := _git(root, "diff", "HEAD", "--binary"))
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN
    for name in filter(None, new_files):
        digest.update(name.encode() + (root / name).read_bytes())
    return Tree(commit, digest.hexdigest()[:12] if changed or any(new_files) else "")


def _git(root: Path, *words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, check=True).stdout  # noqa: S607 - wherever it is
