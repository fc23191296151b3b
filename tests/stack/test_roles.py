"""Each function needs every action of its role: one taken away, and the function fails for want of it.

The scenarios show that roles allow enough. What Lambda itself does in a function's name, before and after it runs,
is not seen here: the local Lambda reads queues and writes logs by other means.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from itertools import count
from typing import Any, Final
from uuid import uuid4

import pytest

from tests.sandbox.business import BILLING, a_page_visit, an_invoice, in_days
from tests.sandbox.environment import Environment
from tests.sandbox.opening import SECRET_NAME, SITES, guid
from tests.sandbox.wix.signer import app_instance_event
from tests.support.builders import a_tombstone, an_entity_row, an_occurrence
from tests.support.function_url import a_call
from tests.support.gate import a_question, a_refresh, metadata
from tests.support.handlers import a_batch, an_envelope
from tests.support.template import functions
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger
from trigger_provider.adapters.sqs.delivery_queue import encode
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.results import SECRET_UNUSABLE
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.ledger.ids import entity_key, event_id, occurrence_key
from trigger_provider.domain.ledger.rows import Row, State

Grant = tuple[str, str, str]
"""An action, the ARN that it is granted on, and the condition under which, as JSON."""

ALWAYS_BY_LAMBDA: Final = {"sqs:ReceiveMessage", "sqs:GetQueueAttributes", "logs:CreateLogStream", "logs:PutLogEvents"}
BY_LAMBDA: Final = {"FailedEventQueue", "InboxQueue", "MissedRecoveryQueue", "DeliveryDeadLetterQueue"}
"""What Lambda alone touches: where it puts what a function failed on, and whence it takes what a function has done."""

SITE: Final = guid(f"site {SITES - 1}")
PAYLOAD: Final = json.dumps(a_page_visit(SITE, "a visit")["payload"])
NUMBERS: Final = count(1)
SUSPECT: Final = "3"


# What each function is given to do, so that it uses all that it may.


def intake_eventbridge(environment: Environment) -> None:
    for detail in invoices():
        invoke(environment, "IntakeEventbridge", an_envelope(detail, BILLING, "Invoice Issued"))


def intake_sqs(environment: Environment) -> None:
    for detail in invoices():
        invoke(environment, "IntakeSqs", a_batch(an_envelope(detail, BILLING, "Invoice Issued")))


def intake_direct(environment: Environment) -> None:
    entity = f"role-{next(NUMBERS)}"
    for version in (1, 2):
        payload = {"contact_id": str(uuid4()), "due_date": in_days(30)}
        request = {"action": "report", "triggerKey": "invoice_due", "instanceId": SITE, "entityId": entity}
        environment.invoke({**request, "version": version, "payload": {**INVOICE, **payload}})


def app_webhooks(environment: Environment) -> None:
    """Install the app on a site, and remove it. Strangers are not told why it did not work; 503 means the ledger."""
    site = str(uuid4())
    for seconds, kind in enumerate(("AppInstalled", "AppRemoved")):
        document = app_instance_event(kind, site, environment.app.app_id)
        call = a_call(environment.wix.signer.webhook(document, time.time() - 10 + seconds))
        if (status := invoke(environment, "AppWebhooks", call)["statusCode"]) != HTTPStatus.OK:
            raise RuntimeError(f"AccessDenied, by its answer: {status}")


def refresh_payload(environment: Environment) -> None:
    """Ask about an event, as Wix does before it acts. Without the ledger there is no answer, and no word why."""
    row = an_event(environment)
    asked = {"request": a_refresh(event_id(row), triggerKey=row.trigger), "metadata": metadata(instanceId=SITE)}
    token = environment.wix.signer.service_plugin(asked, environment.app.app_id, time.time())
    if (status := invoke(environment, "RefreshPayload", a_question(token))["statusCode"]) != HTTPStatus.OK:
        raise RuntimeError(f"AccessDenied, by its answer: {status}")


def deliver(environment: Environment) -> None:
    """Sweep, report, call for a site not known yet, look for a row not saved yet, and work a suspect alone."""
    swept_version, event, suspect = a_sweep(environment), an_event(environment), an_event(environment)
    elsewhere = an_event(environment, str(uuid4()))
    unsaved = replace(event, key=event.key._replace(row=f"{event.key.row}0"))
    records = [message(swept_version), message(event), message(elsewhere), message(unsaved), message(suspect, SUSPECT)]
    invoke(environment, "Deliver", {"Records": records})


def recover(environment: Environment) -> None:
    """Requeue a row, and walk through the table from its beginning as if for the first time."""
    a_waiting_invoice(environment)
    environment.walk_anew()
    environment.recover()


def dead_letters(environment: Environment) -> None:
    invoke(environment, "DeadLetters", {"Records": [message(an_event(environment))]})


JOBS: Final[Mapping[str, Callable[[Environment], None]]] = {
    "IntakeEventbridge": intake_eventbridge,
    "IntakeSqs": intake_sqs,
    "IntakeDirect": intake_direct,
    "AppWebhooks": app_webhooks,
    "RefreshPayload": refresh_payload,
    "Deliver": deliver,
    "Recover": recover,
    "DeadLetters": dead_letters,
}
INVOICE: Final = {"invoice_id": "a", "invoice_number": "a", "total": "1.00", "currency": "EUR"}


def invoices() -> list[dict[str, Any]]:
    """Return an invoice, a change of it, and one that is refused."""
    name = f"role-{next(NUMBERS)}"
    good = [an_invoice(SITE, name, revision, in_days(30 + revision)) for revision in (1, 2)]
    return [*good, an_invoice(SITE, name, 3, "never")]


def an_event(environment: Environment, site: str = SITE) -> Row:
    name = f"role-{next(NUMBERS)}"
    key = occurrence_key(environment.app.app_id, site, "page_visited", None, name)
    return put(
        environment,
        an_occurrence(name, None, key=key, site=site, trigger="page_visited", payload=PAYLOAD, **just_now()),
    )


def a_sweep(environment: Environment) -> Row:
    name = f"role-{next(NUMBERS)}"
    key = entity_key(environment.app.app_id, SITE, "page_visited", name)
    return put(environment, a_tombstone(name, key=key, site=SITE, trigger="page_visited", **just_now()))


def a_waiting_invoice(environment: Environment) -> Row:
    name = f"role-{next(NUMBERS)}"
    key = entity_key(environment.app.app_id, SITE, "invoice_due", name)
    return put(
        environment, an_entity_row(name, key=key, site=SITE, trigger="invoice_due", next_attempt_at=1, **just_now())
    )


def just_now() -> dict[str, int]:
    now = int(time.time() * 1_000)
    return {"accepted_at": now, "expires_at": now + 90 * DAY}


def put(environment: Environment, row: Row) -> Row:
    """Put a row into the ledger, as if it had just been accepted, without a message for anybody."""
    assert (
        DynamoDbLedger(environment.aws.clients.dynamodb, environment.outputs["LedgerTableName"]).save_many([row])
        == frozenset()
    )
    return row


def message(row: Row, receives: str = "1") -> dict[str, Any]:
    """Return what the delivery queue would bring for a row."""
    (record,) = a_batch(encode(Message(row.key, row.revision, row.site)))["Records"]
    attributes = {"SentTimestamp": str(int(time.time() * 1_000)), "ApproximateReceiveCount": receives}
    return {**record, "messageId": str(uuid4()), "attributes": {**record["attributes"], **attributes}}


# What is taken away.


def function(environment: Environment, name: str) -> str:
    return environment.outputs[f"{name}FunctionName"]


def invoke(environment: Environment, name: str, event: object) -> Any:  # noqa: ANN401 - any JSON
    """Invoke a function; what it raises is raised here."""
    return environment.ask(function(environment, name), event)


def role(environment: Environment, name: str) -> str:
    configuration = environment.aws.clients.functions.get_function_configuration(
        FunctionName=function(environment, name)
    )
    return configuration["Role"].rsplit("/", 1)[1]


def grants(environment: Environment, name: str) -> list[Grant]:
    """Return each action of a role's own policy with each resource that it is granted on."""
    document: Any = environment.aws.clients.iam.get_role_policy(RoleName=role(environment, name), PolicyName=name)[
        "PolicyDocument"
    ]
    statements = document["Statement"]
    return [
        (action, resource, json.dumps(statement.get("Condition", {})))
        for statement in statements
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]


def listed(written: Any) -> list[Any]:  # noqa: ANN401 - a policy holds one thing or a list
    return written if isinstance(written, list) else [written]


@contextmanager
def only(environment: Environment, name: str, allowed: list[Grant]) -> Iterator[None]:
    """Let a function do this and nothing else for a while."""
    iam, whose = environment.aws.clients.iam, role(environment, name)
    before = iam.get_role_policy(RoleName=whose, PolicyName=name)["PolicyDocument"]
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": json.loads(condition)}
        for action, resource, condition in allowed
    ]
    put_policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=whose, PolicyName=name, PolicyDocument=put_policy)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=whose, PolicyName=name, PolicyDocument=json.dumps(before))


def is_lambdas(name: str, grant: Grant) -> bool:
    action, resource, _ = grant
    own_hands = name == "Deliver" and action == "sqs:DeleteMessage"
    return action in ALWAYS_BY_LAMBDA or (not own_hands and any(queue in resource for queue in BY_LAMBDA))


def test_every_function_of_the_template_is_looked_at() -> None:
    assert {f"{name}Function" for name in JOBS} == set(functions())


@pytest.mark.parametrize("name", JOBS)
def test_a_function_fails_without_any_one_of_its_grants(environment: Environment, name: str) -> None:
    all_of_them = grants(environment, name)
    needed = [grant for grant in all_of_them if not is_lambdas(name, grant) and "secretsmanager" not in grant[0]]
    not_needed = []
    for grant in needed:
        with only(environment, name, [pair for pair in all_of_them if pair != grant]):
            try:
                JOBS[name](environment)
            except RuntimeError as error:
                assert "AccessDenied" in str(error)  # noqa: PT017 - what it is denied is what is looked at
            else:
                not_needed.append(grant)

    assert needed
    assert not_needed == []
    JOBS[name](environment)


def test_deliver_needs_the_secret_once_the_one_it_has_is_refused(environment: Environment) -> None:
    site = environment.new_site()
    text = environment.aws.clients.secrets.get_secret_value(SecretId=SECRET_NAME)["SecretString"]
    environment.wix.change_secret(environment.app.app_id, "another one for a moment")
    with only(
        environment, "Deliver", [grant for grant in grants(environment, "Deliver") if "secretsmanager" not in grant[0]]
    ):
        assert worked(environment, site).reason == f"report: {SECRET_UNUSABLE}: it can't be read: ClientError"
    environment.wix.change_secret(environment.app.app_id, json.loads(text)["appSecret"])

    environment.until("the secret is read again", lambda: worked(environment, site).state is State.REPORTED)


def worked(environment: Environment, site: str) -> Row:
    """Return the row of an event of a site after a worker has looked at it."""
    event = an_event(environment, site)
    invoke(environment, "Deliver", {"Records": [message(event)]})
    row = environment.row(event.key)
    assert row is not None
    return row
