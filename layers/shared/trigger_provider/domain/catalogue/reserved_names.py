"""Reserved names on EventBridge: those under which we publish, and those of requests to us."""

from __future__ import annotations

from typing import Final

OWN_SOURCE: Final = "wix.trigger-provider"
"""The EventBridge source of everything that we publish. No binding and no rule may match it."""

REQUEST_DETAIL_TYPE: Final = "Wix Trigger Request"
"""The detail-type of an event whose detail is a request. No binding may use it."""

OUTCOME_DETAIL_TYPE: Final = "Wix Event Outcome"
"""The detail-type of the outcomes that we publish."""

ENVELOPE_MEMBERS: Final = frozenset({"source", "detail-type", "detail"})
"""The members that distinguish an EventBridge event from a request."""
