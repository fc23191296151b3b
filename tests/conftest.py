"""All tests run in an environment of their own: nothing that the machine knows of AWS reaches them."""

from __future__ import annotations

import os
import time
from typing import Final

from hypothesis import settings

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

# A slow machine is no defect, and a run that failed must fail again.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.register_profile("proof", deadline=None, max_examples=3_000, print_blob=True)
settings.load_profile("suite")
