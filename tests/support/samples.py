"""The sample messages in `events/`, as AWS hands them to a function."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

EVENTS: Final = Path(__file__).parents[2] / "events"


def sample(name: str) -> Any:  # noqa: ANN401 - any JSON
    """Return a sample by its folder and name, such as `intake_sqs/valid-batch`."""
    return json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
