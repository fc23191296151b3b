"""The environment in which a contender runs: as in Lambda, but for the one address at which everything answers."""

from __future__ import annotations

import os
import sys

from tests.bench.benchmarks.workload import APP_ID

# Made once, and its other half thrown away.
PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlSN0tSbjOU6BHR74hGi4
uN0TvW2Bknf070NMuqd3H1q1i5X7jr5Ep881Q/i0V8lbS2B34niELyjS6eYYdByl
xMaeQ7tf6RYTcy+6q1HNaxhqwDQO8CtGliYeVbkk9gZWapUaE5PiSb96AQoxUW41
Lfa7ACKgJMTCdu82VW2rl8W9tyu5mt1JNW8WqwyuuSB1JTkzW3HXrCcZdOD0kavW
itoobZ6oOriBEovTxNNkzi5L/6aQ31cww6QElMKKdZSnBKbFuKuh+xgwlGAc582z
XguyVafA6YFh6YQGFLXCqOyCh8IFreoV4p4eFZUddx3yWGgRctDtIeubQBOOY7GK
hQIDAQAB
-----END PUBLIC KEY-----"""
_PASSED_ON = ("PATH", "HOME", "LANG")


def environment(base_url: str) -> dict[str, str]:
    """Return the variables of template.yaml, with its default values, and AWS's own."""
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "PYTHONPATH": os.pathsep.join(sys.path),
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": base_url,
        "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
        "POWERTOOLS_SERVICE_NAME": "trigger-provider",
        "POWERTOOLS_METRICS_NAMESPACE": "TriggerProvider",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "LEDGER_TABLE_NAME": "ledger",
        "DELIVERY_QUEUE_URL": f"{base_url}/delivery",
        "REFUSED_QUEUE_URL": f"{base_url}/refused",
        "WIX_APP_ID": APP_ID,
        "WIX_SECRET_ID": "wix",
        "WIX_PUBLIC_KEY": PUBLIC_KEY,
        "WIX_BASE_URL": base_url,
        "HTTP_CONNECT_TIMEOUT_SECONDS": "2",
        "HTTP_READ_TIMEOUT_SECONDS": "8",
        "SETTLE_DELAY_SECONDS": "120",
        "DELIVER_TIMEOUT_SECONDS": "60",
        "INTAKE_TIMEOUT_SECONDS": "10",
        "GIVE_UP_AFTER_HOURS": "24",
        "LEDGER_RETENTION_DAYS": "45",
        "OUTCOME_BUS_NAME": "",
        # Wix lets a site make 200 calls a minute: what is measured is what comes before that.
        "SITE_CALLS_PER_MINUTE": "1000000",
        "GATE_UNKNOWN_EVENTS": "cancel",
        "GATE_READ_TIMEOUT_SECONDS": "1",
        "GATE_TIMEOUT_SECONDS": "10",
        "AWS_READ_TIMEOUT_SECONDS": "3",
    }
