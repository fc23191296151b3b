"""`docs/sandbox.md` tells of every switch and every route of the local Wix, and of no other."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.sandbox.automations import all_four
from tests.sandbox.wix import PREFIX, App, WixSandbox
from tests.sandbox.wix.engine.automation_parser import read_automation
from tests.sandbox.wix.samples import APP, SITE
from tests.support.fixtures import TRIGGERS
from tests.tools.switch_table import table
from trigger_provider.adapters.catalogue_files import load_catalogue

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/sandbox.md").read_text()
ROUTE = re.compile(rf"^\| `([A-Z]+ {PREFIX}/[^`]*)` \|", re.MULTILINE)


def test_the_table_of_switches_is_that_of_the_code() -> None:
    assert f"\n\n{table()}\n\n" in PAGE, "python -m tests.tools.switch_table writes it"


def test_the_table_of_routes_is_that_of_the_code() -> None:
    served = {
        f"{method} {rule.rule}"
        for rule in WixSandbox([APP], [SITE]).application().url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith(PREFIX) and method not in {"HEAD", "OPTIONS"}
    }

    assert set(ROUTE.findall(PAGE)) == served


def test_the_automation_on_the_page_can_be_written() -> None:
    text = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert text is not None

    assert len(read_automation(json.loads(text[1]), [APP]).actions) == 4


def test_wix_own_four_examples_can_be_written_for_our_triggers() -> None:
    triggers = load_catalogue(TRIGGERS).triggers.values()
    app = App("an app", "a secret", {each.key: each.schema for each in triggers})

    for written in all_four("http://127.0.0.1:1/hook"):
        assert read_automation(written, [app]).name == written["name"]
