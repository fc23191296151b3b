"""The answers to the samples of Wix's questions, after intake has accepted the batch of `intake_sqs/valid-batch`."""

from __future__ import annotations

from typing import Final

CALLED_OFF: Final = {"cancelActivation": True}
INVOICE: Final = {
    "contact_id": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44",
    "currency": "EUR",
    "due_date": "2026-12-10T09:00:00+01:00",
    "invoice_id": "inv_8842",
    "invoice_number": "2026-0043",
    "total": "80.00",
}
VISIT: Final = {
    "contact_id": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44",
    "page_url": "https://www.example.com/courses/pottery",
}

REFRESHED: Final[dict[str, object]] = {
    "refresh_payload/valid-newest": {"payload": INVOICE, "cancelActivation": False},
    "refresh_payload/valid-newest-in-base64": {"payload": INVOICE, "cancelActivation": False},
    "refresh_payload/valid-real-time-event": {"payload": VISIT, "cancelActivation": False},
    "refresh_payload/valid-cancelled": CALLED_OFF,
    "refresh_payload/valid-unknown-event": CALLED_OFF,
    "refresh_payload/valid-event-of-another-site": CALLED_OFF,
}
CONFIGURED: Final[dict[str, set[str]]] = {
    "refresh_payload/valid-validate-configuration": {"valid", "configurationErrors"},
    "refresh_payload/valid-validate-configuration-of-a-trigger-that-is-gone": {"valid", "configurationErrors"},
    "refresh_payload/valid-dynamic-schema": {"dynamicSchema"},
}
"""The members of these answers."""

REFUSED: Final[dict[str, int]] = {
    "refresh_payload/invalid-JWT": 400,
    "refresh_payload/invalid-algorithm-HS256-with-the-public-key": 401,
    "refresh_payload/invalid-algorithm-none": 401,
    "refresh_payload/invalid-audience-is-another-app": 401,
    "refresh_payload/invalid-data-is-a-text": 400,
    "refresh_payload/invalid-expired": 401,
    "refresh_payload/invalid-instanceId-is-no-guid": 400,
    "refresh_payload/invalid-issuer": 401,
    "refresh_payload/invalid-method": 400,
    "refresh_payload/invalid-signature-of-another-key": 401,
    "refresh_payload/invalid-triggerKey-is-missing": 400,
}
ELSEWHERE: Final = "refresh_payload/invalid-path"
NAMES: Final = frozenset({*REFRESHED, *CONFIGURED, *REFUSED, ELSEWHERE})
