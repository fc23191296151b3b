"""Opens the sandbox: both sides are started, and the stack is deployed as it ships, only quicker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from tests.sandbox.aws import MiniStack, deploy
from tests.sandbox.aws.stack import Say
from tests.sandbox.business import ADA, COLLABORATORS, CONTACT
from tests.sandbox.caller import deploy_caller
from tests.sandbox.environment import STACK, Environment
from tests.sandbox.listener import BUS, listen
from tests.sandbox.wix import App, Site, WixSandbox
from tests.sandbox.wix.plugin import ServicePlugin
from tests.support.fixtures import TRIGGERS
from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.domain.catalogue.trigger import Catalogue

SITES: Final = 96
SECRET_NAME: Final = "wix-trigger-provider"
PATIENT_SECONDS: Final = 60.0
"""How long the local Wix waits for an answer of the app, so that a slow machine changes no scenario."""

# All is as in production, but what a scenario waits for comes sooner: see the mapping Timing of template.yaml.
QUICK: Final[Mapping[str, object]] = {
    "Timing": "sandbox",
    "IntakeMaximumConcurrency": 2,  # this machine may have two cores
    "DeliverMaximumConcurrency": 2,
    "LogRetentionDays": 1,
    "LogLevel": "DEBUG",
}


def guid(name: str) -> str:
    """Return a GUID that is always the same for a name."""
    return str(uuid5(NAMESPACE_URL, f"sandbox/{name}"))


def our_app(catalogue: Catalogue) -> App:
    """Return our app as Wix knows it, with the triggers of the catalogue."""
    schemas = {key: trigger.schema for key, trigger in catalogue.triggers.items()}
    return App(guid("app"), "a secret for the sandbox only", schemas)


def another_app() -> App:
    """Return an app of somebody else's; it happens to have a trigger of a key that ours has too."""
    schema = {"type": "object", "properties": {"contact_id": {"type": "string"}}}
    return App(guid("another app"), "another secret", {"form_submitted": schema}, automations=())


@contextmanager
def open_environment(
    say: Say, *, triggers: Path = TRIGGERS, auth: bool = False, log_copy: Path | None = None
) -> Iterator[Environment]:
    """Start both sides and deploy the stack; when it ends nothing is left running, but a copy of MiniStack's log."""
    catalogue = load_catalogue(triggers)
    app, neighbour = our_app(catalogue), another_app()
    sites = [
        Site(guid(f"site {number}"), contacts={CONTACT: ADA}, collaborators=COLLABORATORS) for number in range(SITES)
    ]
    say("local Wix and local AWS: starting on loopback")
    with (
        WixSandbox([app, neighbour], sites, answer_within=PATIENT_SECONDS) as wix,
        MiniStack(auth=auth) as aws,
        keep_log(aws, log_copy),
    ):
        secret = json.dumps({"appId": app.app_id, "appSecret": app.secret})
        aws.clients.secrets.create_secret(Name=SECRET_NAME, SecretString=secret)
        listener = listen(aws.clients)
        ours = {"WixAppId": app.app_id, "WixSecretName": SECRET_NAME, "WixBaseUrl": wix.url, "OutcomeBusName": BUS}
        ours["WixPublicKey"] = wix.signer.dashboard_key
        parameters = {**QUICK, **ours}
        outputs = deploy(aws, parameters, triggers=triggers, stack=STACK, say=say)
        caller = deploy_caller(aws.clients, outputs)
        free = iter([site.instance_id for site in sites])
        plugin = ServicePlugin(
            wix.signer, app.app_id, aws.here(outputs["RefreshPayloadUrl"]), waits_seconds=PATIENT_SECONDS
        )
        wix.set_refresher(app.app_id, plugin)
        wix.postman.subscribe(app.app_id, aws.here(outputs["AppWebhooksUrl"]))
        yield Environment(aws, outputs, wix, catalogue, app, neighbour, free, caller, listener, plugin)


@contextmanager
def keep_log(aws: MiniStack, copy: Path | None) -> Iterator[None]:
    """Copy MiniStack's log at the end, if a path is given: MiniStack's folder is about to be removed."""
    try:
        yield
    finally:
        if copy is not None:
            copy.write_text(aws.log, "utf-8")
