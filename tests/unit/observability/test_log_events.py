from __future__ import annotations

import logging
import re

import pytest

from tests.support.log import Log
from trigger_provider.domain.payload.rfc3339 import is_date_time
from trigger_provider.observability.log_events import LogEvent
from trigger_provider.observability.telemetry import increment
from trigger_provider.observability.telemetry import log as write

EVENTS = list(LogEvent)


def test_no_two_sentences_share_an_id() -> None:
    assert len({event.event_id for event in EVENTS}) == len(LogEvent.__members__)


def test_no_sentence_is_said_for_two_things() -> None:
    assert len({event.sentence for event in EVENTS}) == len(LogEvent.__members__)


@pytest.mark.parametrize("event", EVENTS)
def test_an_id_names_a_part_of_the_package_and_a_number(event: LogEvent) -> None:
    assert re.fullmatch(
        r"(DEAD_LETTERS|DELIVERY|INSTALLATION|INTAKE|RECOVERY|REFRESH_PAYLOAD)_[0-9]{3}", event.event_id
    )


@pytest.mark.parametrize("event", EVENTS)
def test_a_sentence_is_the_same_whatever_it_is_about(event: LogEvent) -> None:
    assert not re.search(r"[%{}$<>\n]", event.sentence)
    assert event.sentence[0].isupper()
    assert not event.sentence.endswith(".")


@pytest.mark.parametrize("event", EVENTS)
def test_every_sentence_can_be_logged_with_its_id_at_its_level_and_what_it_is_about(event: LogEvent, log: Log) -> None:
    write(event, event_id="an id", attempts=3)
    (line,) = log.lines
    assert (line["message"], line["log_event"]) == (event.sentence, event.event_id)
    assert log.stream.getvalue().count("\n") == 1
    assert (line["event_id"], line["attempts"]) == ("an id", 3)
    assert (line["level"], line["service"]) == (logging.getLevelName(event.level), "trigger-provider")
    assert is_date_time(line["timestamp"]), "Lambda takes a line for INFO whose timestamp it can't read"


def test_a_line_is_never_made_of_several_whatever_it_is_about(log: Log) -> None:
    write(LogEvent.ROW_FAILED, reason='a\nb\r"c"')
    assert len(log.stream.getvalue().splitlines()) == 1
    assert log.lines[0]["reason"] == 'a\nb\r"c"'


def test_metrics_have_no_dimension_but_the_service(log: Log) -> None:
    increment("Accepted")
    increment("Accepted", 2)
    assert log.counts == {"Accepted": 3}
    assert '"Dimensions": [["service"]]' in log.text
    assert '"Namespace": "TriggerProvider"' in log.text
