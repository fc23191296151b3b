"""The catalogue of the engine's own tests: five triggers, in `tests/fixtures`.

It is on the Python path of the tests as the folder `triggers`, as a user's catalogue is in Lambda. What a user ships
lies in `layers/triggers`, and no test of the engine depends on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
TRIGGERS: Final = FIXTURES / "triggers"
