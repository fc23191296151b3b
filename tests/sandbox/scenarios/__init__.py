"""The scenarios of the sandbox: each is a line of the demo, and a test of the deployed stack."""

from tests.sandbox.scenarios.automations import (
    chat_message,
    collaborators_notified,
    data_by_webhook,
    email_a_week_before,
)
from tests.sandbox.scenarios.bookings import one_booking_two_triggers
from tests.sandbox.scenarios.forms import many_forms_few_calls
from tests.sandbox.scenarios.gate import called_off_at_the_gate, the_newest_at_the_gate
from tests.sandbox.scenarios.invoices import (
    a_new_date,
    each_end_is_published,
    one_event_three_times,
    paid,
    paid_before_issued,
    reported_with_its_date,
)
from tests.sandbox.scenarios.neighbours import two_apps
from tests.sandbox.scenarios.pages import reported_by_another_lambda
from tests.sandbox.scenarios.refusals import refused_with_a_reason
from tests.sandbox.scenarios.sites import (
    refused_in_the_middle,
    removed_and_installed_again,
    reported_anew,
    webhooks_in_disorder,
)
from tests.sandbox.scenarios.troubles import an_answer_cut, one_bad_item, unavailable_for_a_while

SCENARIOS = (
    email_a_week_before,
    chat_message,
    collaborators_notified,
    data_by_webhook,
    reported_with_its_date,
    a_new_date,
    paid,
    paid_before_issued,
    one_event_three_times,
    each_end_is_published,
    one_booking_two_triggers,
    the_newest_at_the_gate,
    called_off_at_the_gate,
    many_forms_few_calls,
    reported_by_another_lambda,
    unavailable_for_a_while,
    one_bad_item,
    an_answer_cut,
    refused_with_a_reason,
    removed_and_installed_again,
    reported_anew,
    refused_in_the_middle,
    webhooks_in_disorder,
    two_apps,
)
