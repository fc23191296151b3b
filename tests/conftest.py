"""All tests run in an environment of their own: nothing that the machine knows of AWS reaches them."""

from __future__ import annotations

import os
import time
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

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

LONGEST_FIRST: Final = (
    "stack/",
    "proof/faults/",
    "proof/model/",
    "proof/simulation/",
    "proof/mutations/",
    "unit/use_cases/test_outage.py",
    "unit/entrypoints/test_fuzz.py",
    "contract/",
    "integration/",
)
"""Where tests take long, or wait long, in the order in which they are begun; all others come after them."""
TOGETHER: Final = ("stack/", "proof/faults/")
"""Folders whose tests share servers: one worker of pytest-xdist runs all of such a folder."""
DIVIDED: Final = ("proof/model/", "proof/simulation/", "proof/mutations/")
"""Folders whose tests start no server and take long: any worker runs any of them. Elsewhere a file stays together."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place_of(item.nodeid))
    for item in items:
        if _path_of(item.nodeid).startswith("unit/"):
            item.add_marker("unit")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Return the scheduler of several workers (`--numprocesses`): by what shares a server, in the order above."""
    config.option.loadscopereorder = False
    return _ByServers(config, log)


class _ByServers(LoadScopeScheduling):  # type: ignore[misc] # it comes without types
    def _split_scope(self, nodeid: str) -> str:
        path = _path_of(nodeid)
        group = next((folder for folder in TOGETHER if path.startswith(folder)), None)
        return group or (nodeid if path.startswith(DIVIDED) else nodeid.partition("::")[0])


def _path_of(nodeid: str) -> str:
    """Return the test's path below `tests/`."""
    return nodeid.partition("/")[2]


def _place_of(nodeid: str) -> int:
    path = _path_of(nodeid)
    return next((place for place, start in enumerate(LONGEST_FIRST) if path.startswith(start)), len(LONGEST_FIRST))
