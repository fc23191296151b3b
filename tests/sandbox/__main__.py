"""`make sandbox`: both sides, kept up for your own events until Ctrl-C; what Wix receives and does is printed."""

from __future__ import annotations

import json
import signal
import threading
from types import FrameType

from tests.sandbox.automations import all_four
from tests.sandbox.business import BILLING, an_invoice, in_days
from tests.sandbox.console import Console, DeployedStack
from tests.sandbox.environment import Environment
from tests.sandbox.opening import open_environment
from tests.sandbox.third_party import ThirdParty
from tests.sandbox.wix import PREFIX, Call
from tests.sandbox.wix.engine.changes import Change, What


def main() -> None:
    """Start, explain, and show what comes in until somebody says stop."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with open_environment(say) as environment, ThirdParty() as service:
        site = environment.new_site()
        for written in all_four(service.url):
            environment.owner(site).add(**written)
        with Console(environment.wix, DeployedStack(environment)) as console:
            say(introduction(environment, site, console.url))
            seen, done = 0, 0
            while not stopped.wait(0.2):
                seen, done = show_calls(environment, seen), show_actions(environment, done)
            say("stopping")
    say("stopped: nothing is left running")


def say(text: str) -> None:
    """Print a line at the terminal."""
    print(text, flush=True)


def introduction(environment: Environment, site: str, page: str) -> str:
    """Return the addresses, how to send an event with the AWS CLI or boto3, and how to see what Wix does with it."""
    control = f"{environment.wix.url}{PREFIX}"
    detail = json.dumps(an_invoice(site, "INV-1", 1, in_days(30)))
    exports = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
    settings = "\n".join(f"  export {name}={environment.aws.environment[name]}" for name in exports)
    entry = {
        "EventBusName": environment.outputs["EventBusName"],
        "Source": BILLING,
        "DetailType": "Invoice Issued",
        "Detail": detail,
    }
    return f"""
The sandbox is up: AWS at {environment.aws.endpoint}, Wix at {environment.wix.url}.
Its web page is {page}

  bus           {environment.outputs["EventBusName"]}
  InboxQueue    {environment.outputs["InboxQueueUrl"]}
  intake_direct {environment.outputs["IntakeDirectFunctionName"]}
  a site        {site}

In another terminal:
{settings}

An event on the bus, with the AWS CLI:
  aws events put-events --entries '{json.dumps([entry])}'

and with boto3:
  boto3.client("events").put_events(Entries=[{entry!r}])

The state of the event (version 1 of the AWS CLI has no --cli-binary-format, and needs none):
  aws lambda invoke --function-name {environment.outputs["IntakeDirectFunctionName"]} \\
    --cli-binary-format raw-in-base64-out \\
    --payload '{json.dumps({"requests": [a_question(site)]})}' /dev/stdout

The site has an automation for each of Wix's four examples: an email a week before an invoice is due, a chat message, a
notification, a webhook. Move the site's clock to see what Wix does at that time:
  curl -H 'Content-Type: application/json' -d '{{"toNextAction": true}}' {control}/sites/{site}/clock
  curl {control}/sites/{site}/actions

`docs/sandbox.md` lists all routes under {control}.
The calls to Wix and the actions of Wix appear below. Ctrl-C stops the sandbox.
"""


def a_question(site: str) -> dict[str, str]:
    """Return a request for the status of the invoice above."""
    return {"action": "status", "triggerKey": "invoice_due", "instanceId": site, "entityId": "INV-1"}


def show_calls(environment: Environment, seen: int) -> int:
    """Print the calls that Wix got since; give how many it has by now."""
    calls = environment.wix.journal.calls()
    for call in calls[seen:]:
        say("\n".join(lines_of(call)))
    return len(calls)


def show_actions(environment: Environment, done: int) -> int:
    """Print what was sent since a change; give the number of the last one."""
    changes = environment.wix.changes.after(done)
    for each in changes:
        if each.what is What.ACTION:
            say(line_of(each))
    return changes[-1].number if changes else done


def line_of(change: Change) -> str:
    """Return an action as a line, as its receiver would read it."""
    action = change.details
    how = f"failed: {action['error']}" if action["error"] else "sent"
    return f"Wix  {action['kind']}  site {change.site}  by its clock {action['at']}  {how}\n       {action['content']}"


def lines_of(call: Call) -> list[str]:
    """Return a call as lines: one for itself, one for each of its items."""
    head = f"Wix  {call.route}  {call.trigger_key or ''}  site {call.site}  answered {call.status}"
    return [head, *(f"       {item.external_entity_id}  {item.effect}" for item in call.items)]


if __name__ == "__main__":
    main()
