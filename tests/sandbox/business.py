"""What the producers of our scenarios speak of: invoices, bookings, forms and page visits of made-up people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

BILLING: Final = "com.example.billing"
BOOKINGS: Final = "com.example.bookings"
WEB: Final = "com.example.web"
CONTACT: Final = "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44"
ADA: Final[Mapping[str, Any]] = {"email": "ada@example.com", "name": {"first": "Ada", "last": "Byrne"}}
COLLABORATORS: Final = ("owner@example.com", "designer@example.com")


def in_days(days: int) -> str:
    """Return a date-time so many days from now, to the second."""
    return (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0).isoformat()


def an_invoice(site: str, number: str, revision: int, due_date: str) -> dict[str, Any]:
    """Return the detail of a billing event."""
    total = {"amount": "1000.00", "currency": "EUR"}
    invoice = {"id": number, "number": number, "revision": revision, "dueDate": due_date, "total": total}
    return {"instanceId": site, "customer": {"contactId": CONTACT}, "invoice": invoice}


def a_booking(site: str, booking: str, starts_at: str) -> dict[str, Any]:
    """Return the detail of a bookings event."""
    session = {"title": "Pottery for beginners", "startsAt": starts_at, "durationInMinutes": 90}
    return {"instanceId": site, "contactId": CONTACT, "booking": {"id": booking}, "session": session}


def a_session(site: str, booking: str, version: datetime, starts_at: str, join_link: str) -> dict[str, Any]:
    """Return a request to report when a booked session starts, and how to join it."""
    payload = {
        "contact_id": CONTACT,
        "booking_id": booking,
        "session_title": "Pottery for beginners",
        "session_start": starts_at,
        "join_link": join_link,
    }
    named = {"triggerKey": "session_starting", "instanceId": site, "entityId": booking}
    return {"action": "report", **named, "version": version.isoformat(), "payload": payload}


def a_form(site: str, number: int) -> dict[str, Any]:
    """Return a request to report that a form was submitted."""
    payload = {"contact_id": CONTACT, "first_name": "Ada", "email": f"ada.{number}@example.com"}
    return {
        "action": "report",
        "triggerKey": "form_submitted",
        "instanceId": site,
        "id": f"submission-{number}",
        "payload": payload,
    }


def a_visited_page(site: str) -> dict[str, Any]:
    """Return the detail of an event of the web site itself."""
    page = {"url": "https://www.example.com/courses/pottery", "title": "Pottery course"}
    return {"instanceId": site, "contactId": CONTACT, "page": page}


def a_page_visit(site: str, visit: str) -> dict[str, Any]:
    """Return a request to report that a page was visited."""
    payload = {"contact_id": CONTACT, "page_url": "https://www.example.com/courses/pottery"}
    return {"action": "report", "triggerKey": "page_visited", "instanceId": site, "id": visit, "payload": payload}
