"""Every sample of Wix's questions is answered as its name says, over the rows that intake's own samples make."""

from __future__ import annotations

import pytest

from tests.support.function_url import Json
from tests.support.gate import GateHandler
from tests.support.handlers import Handlers
from tests.support.log import Log
from tests.support.plugin_answers import CONFIGURED, ELSEWHERE, REFRESHED, REFUSED
from tests.support.samples import sample
from tests.support.signatures import as_signed


@pytest.fixture
def handler() -> GateHandler:
    handlers = Handlers()
    handlers.sqs.handle(sample("intake_sqs/valid-batch"))
    return GateHandler(handlers.ledger)


def answer(handler: GateHandler, name: str) -> tuple[int, Json]:
    return handler.answer(as_signed(sample(name)))


@pytest.mark.parametrize("name", REFRESHED)
def test_a_question_before_an_action_is_answered_by_the_ledger(name: str, handler: GateHandler) -> None:
    assert answer(handler, name) == (200, REFRESHED[name])


@pytest.mark.parametrize("name", CONFIGURED)
def test_a_question_of_an_owner_who_sets_up_an_automation_is_answered(name: str, handler: GateHandler) -> None:
    status, document = answer(handler, name)

    assert (status, set(document)) == (200, CONFIGURED[name])


@pytest.mark.parametrize("name", REFUSED)
def test_an_invalid_question_is_refused_by_the_rule_in_its_name(name: str, handler: GateHandler, log: Log) -> None:
    assert answer(handler, name)[0] == REFUSED[name]
    (line,) = log.lines
    assert name.split("invalid-")[1].startswith(line["rule"].split(" ")[0])


def test_there_is_nothing_at_another_path(handler: GateHandler) -> None:
    assert answer(handler, ELSEWHERE)[0] == 404
