"""Debian's Chromium, and the page over the deployed stack: every test has a site of its own, and leaves a picture."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.sandbox.console import Console, DeployedStack
from tests.sandbox.environment import Environment
from tests.support.waiting import PATIENCE_SECONDS

PICTURES: Final = Path(__file__).parents[3] / ".build/screenshots"
PATIENCE_MILLISECONDS: Final = PATIENCE_SECONDS * 1_000
"""How long the browser may take for anything: Playwright's own bounds, of 5 and 30 seconds, hold nowhere here."""

MISSING: Final = "no Chromium on this machine, and no root to install it: apt-get install chromium"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the browser; without one the tests are skipped by a person's machine, and fail in CI."""
    path = shutil.which("chromium")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        # A container's root has no namespaces for a sandbox; all pages here are our own.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=PATIENCE_MILLISECONDS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def console(environment: Environment) -> Iterator[Console]:
    """Return the page's server."""
    with Console(environment.wix, DeployedStack(environment)) as console:
        yield console


@pytest.fixture
def site(environment: Environment) -> Iterator[str]:
    """Return a site that no other test uses; no trouble of it outlives the test."""
    site = environment.new_site()
    yield site
    for name in environment.wix.faults.standing:
        if name.endswith(f"@{site}"):
            environment.wix.faults.stand(name, None)


@pytest.fixture
def page(chromium: Browser, console: Console, site: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Return a tab with the page, which shows the test's site; nothing may go wrong in it unseen.

    The page has drawn itself and hears the stream.
    """
    context = chromium.new_context(base_url=console.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    context.add_init_script(f"localStorage.getItem('site') ?? localStorage.setItem('site', '{site}')")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto("/")
    expect(page.get_by_title("Live", exact=True)).to_be_attached()
    yield page
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{re.sub(r'[^a-z0-9]+', '-', request.node.name.lower())[:90]}.png")
    context.close()
    # A refused request is the browser's to note, and the test's to expect.
    assert [each for each in wrong if "Failed to load resource" not in each] == []
