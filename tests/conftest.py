"""All tests run in an environment of their own: nothing that the machine knows of AWS reaches them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

_CLEAN: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "trigger-provider",
    "POWERTOOLS_METRICS_NAMESPACE": "TriggerProvider",
    "TZ": "UTC",
}

# Not in a fixture: Powertools reads its names when our modules are imported, which is before any fixture runs.
for _name in [name for name in os.environ if name.startswith(("AWS_", "POWERTOOLS_"))]:  # noqa: TID251 # see above
    del os.environ[_name]  # noqa: TID251 # see above
os.environ.update(_CLEAN)  # noqa: TID251 # see above
time.tzset()

# A slow machine is no defect: hypothesis gives no example a deadline, and does not measure how fast it draws them.
_SLOW: Final = (HealthCheck.too_slow,)
# A run that failed must fail again.
settings.register_profile("suite", deadline=None, suppress_health_check=_SLOW, derandomize=True)
settings.register_profile("proof", deadline=None, suppress_health_check=_SLOW, max_examples=3_000, print_blob=True)
settings.load_profile("suite")

TESTS: Final = Path(__file__).parent
LONGEST_FIRST: Final = ("stack", "faults", "model", "simulation", "mutations", "contract", "integration")
"""Folders whose tests take long, or wait long, in the order in which they are begun; all others come after them."""
DIVIDED: Final = ("model", "simulation", "mutations")
"""Folders whose tests start no server: any worker of pytest-xdist may take any of them."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and keep on one worker of pytest-xdist what shares a server."""
    items.sort(key=lambda item: _place_in(item, LONGEST_FIRST))
    for item in items:
        folder, *_ = item.path.relative_to(TESTS).parts
        if folder not in DIVIDED:
            group = folder if folder in {"stack", "faults"} else item.path.relative_to(TESTS).as_posix()
            item.add_marker(pytest.mark.xdist_group(group))


def _place_in(item: pytest.Item, folders: tuple[str, ...]) -> int:
    folder, *_ = item.path.relative_to(TESTS).parts
    return folders.index(folder) if folder in folders else len(folders)
