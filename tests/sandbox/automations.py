"""The four automations that Wix's own introduction gives as examples, as a site's owner writes them."""

from __future__ import annotations

from typing import Any

Automation = dict[str, Any]


def email_a_week_before_an_invoice_is_due() -> Automation:
    """To the customer, with number, sum and date."""
    return {
        "name": "Email a customer a week before an invoice is due",
        "triggerKey": "invoice_due",
        "scheduledEventOffset": {"amount": 1, "unit": "WEEKS"},
        "actions": [
            {
                "kind": "email",
                "to": '{{var("contact.email")}}',
                "subject": 'Invoice {{var("invoice_number")}} is due in a week',
                "body": 'Dear {{var("contact.name.first")}}, please pay {{var("total")}} {{var("currency")}}'
                ' by {{var("due_date")}}.',
            }
        ],
    }


def chat_when_a_page_is_visited() -> Automation:
    """To the visitor, with the page's title."""
    return {
        "name": "Send a chat message when a visitor navigates to a page",
        "triggerKey": "page_visited",
        "actions": [
            {
                "kind": "chat-message",
                "to": '{{var("contact.id")}}',
                "text": 'Hello {{var("contact.name.first")}}! Any questions about "{{var("page_title")}}"?',
            }
        ],
    }


def notify_when_a_form_is_submitted() -> Automation:
    """To the site's collaborators, with who it was."""
    return {
        "name": "Notify site collaborators when a visitor submits a form",
        "triggerKey": "form_submitted",
        "actions": [
            {
                "kind": "notification",
                "title": "A form was submitted",
                "text": '{{var("first_name")}} ({{var("email")}}) has sent a form.',
            }
        ],
    }


def webhook_when_a_session_is_booked(url: str) -> Automation:
    """To a service of somebody else's, with the session's data under names of its own."""
    return {
        "name": "Send Wix Bookings data via webhook to a 3rd-party service when a session is booked",
        "triggerKey": "session_booked",
        "actions": [
            {
                "kind": "webhook",
                "url": url,
                "body": {
                    "booking": '{{var("booking_id")}}',
                    "session": '{{var("session_title")}}',
                    "start": '{{var("session_start")}}',
                    "minutes": '{{var("duration_in_minutes")}}',
                    "customer": '{{var("contact.email")}}',
                },
            }
        ],
    }


def all_four(url: str) -> list[Automation]:
    """One of each kind; the webhook goes to that address."""
    return [
        email_a_week_before_an_invoice_is_due(),
        chat_when_a_page_is_visited(),
        notify_when_a_form_is_submitted(),
        webhook_when_a_session_is_booked(url),
    ]
