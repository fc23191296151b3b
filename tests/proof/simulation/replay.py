"""How a run is printed, and the command that runs it again."""

from __future__ import annotations

from collections.abc import Iterable

from tests.proof.simulation.run import SIZE, Run, Script


def describe(run: Run) -> str:
    """Return a run line by line, what is wrong in the end, and how to run it again."""
    ends = [f"WRONG: {text}" for text in run.wrong] or ["all is well"]
    about = f"{run.requests} requests, {run.faults - len(run.script.spared)} faults, {run.calls} calls to Wix"
    return "\n".join([*run.lines, *ends, about, command(run.script)])


def command(script: Script) -> str:
    """Return what runs a script again."""
    words = [f"python -m tests.proof.simulation --seed {script.seed}"]
    words += [f"--size {script.size}"] if script.size != SIZE else []
    words += [f"--roll {script.roll}"] if script.roll else []
    words += [f"--keep {spans(script.kept)}"] if script.kept is not None else []
    words += [f"--spare {spans(script.spared)}"] if script.spared else []
    return " ".join(words)


def spans(some: Iterable[int]) -> str:
    """Write numbers briefly: 1-3,7."""
    run_again: list[tuple[int, int]] = []
    for number in sorted(some):
        if run_again and run_again[-1][1] == number - 1:
            run_again[-1] = (run_again[-1][0], number)
        else:
            run_again.append((number, number))
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in run_again)


def numbers(text: str) -> frozenset[int]:
    """Read what `spans` wrote."""
    parts = (part.partition("-") for part in text.split(","))
    return frozenset(at for first, _, last in parts for at in range(int(first), int(last or first) + 1))
