"""The hand of an app at the local Wix, with a token already."""

from __future__ import annotations

from tests.sandbox.wix import App, Hand, Site, WixSandbox
from tests.sandbox.wix.samples import APP, SITE


def a_hand(wix: WixSandbox, app: App = APP, site: Site = SITE) -> Hand:
    """Return the hand of an app on a site."""
    hand = Hand(wix.url, app, site.instance_id)
    hand.mint()
    return hand
