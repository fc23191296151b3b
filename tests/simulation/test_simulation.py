"""Many seeds, each a different run of the use cases among faults: whatever happens, all ends as it should."""

from __future__ import annotations

from tests.simulation.campaign import campaign

SEEDS = range(150)


def test_every_seed_ends_well() -> None:
    whole = campaign(SEEDS)

    assert not whole.failed, f"python -m tests.simulation --seed {whole.failed[0].script.seed}"
    assert whole.figures["seeds"] == len(SEEDS)
    assert whole.figures["faults"] > len(SEEDS)
