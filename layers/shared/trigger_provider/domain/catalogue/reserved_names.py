"""The names by which events travel on EventBridge: those that we publish, and those that ask something of us."""

from __future__ import annotations

from typing import Final

OWN_SOURCE: Final = "wix.trigger-provider"
"""The EventBridge source of all we publish ourselves; no binding and no rule may match it."""

REQUEST_DETAIL_TYPE: Final = "Wix Trigger Request"
"""The detail-type of an event whose detail is a request as it stands; no binding may use it."""

OUTCOME_DETAIL_TYPE: Final = "Wix Event Outcome"
"""The detail-type under which we publish how an event has ended."""

ENVELOPE_MEMBERS: Final = frozenset({"source", "detail-type", "detail"})
"""What tells an EventBridge event from a request."""
