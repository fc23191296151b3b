"""A driver of an app at the local Wix, with a token already."""

from __future__ import annotations

from tests.sandbox.wix import App, AppDriver, Site, WixSandbox
from tests.sandbox.wix.samples import APP, SITE


def a_driver(wix: WixSandbox, app: App = APP, site: Site = SITE) -> AppDriver:
    """Return the driver of an app on a site."""
    driver = AppDriver(wix.url, app, site.instance_id)
    driver.fetch_token()
    return driver
