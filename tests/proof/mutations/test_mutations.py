"""A few wrongs, so that every run sees that the model can see; all of them: `python -m tests.proof.mutations`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.mutations.mutations import A_FEW, MUTATIONS, Mutation
from tests.proof.mutations.trial import SHARED, apply, is_caught


@pytest.mark.parametrize(
    "mutation", [mutation for mutation in MUTATIONS if mutation.wrong in A_FEW], ids=lambda item: item.wrong
)
def test_the_model_notices(mutation: Mutation) -> None:
    assert is_caught(mutation, thoroughly=False)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda item: item.wrong)
def test_each_mutation_still_replaces_one_text_of_the_package(mutation: Mutation, tmp_path: Path) -> None:
    copy = tmp_path / mutation.file
    copy.parent.mkdir(parents=True)
    copy.write_text((SHARED / "trigger_provider" / mutation.file).read_text("utf-8"), "utf-8")
    apply(mutation, tmp_path)
