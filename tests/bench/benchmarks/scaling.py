"""How it grows: 100,000 sites and 10,000 events a second, by measured costs and AWS's published rules of scaling.

`python -m tests.bench.benchmarks.scaling` prints the result, and draws docs/scaling-*.svg. It is a model of flows,
second by second, and not of single events: a queue is a number, a function is so many environments that take a batch
each in a known time. What it takes from where stands beside each number; docs/scaling.md says what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.bench.benchmarks.contest import ROOT

RATE: Final = 10_000.0
SITES: Final = 100_000
MINUTE: Final = 60

_BATCH: Final = 100
_AWS_SECONDS, _WIX_SECONDS = 0.008, 0.120
_CALLS_AT_ONCE: Final = 16
# Processor time of an event, by `make bench`: taking in, delivering, and what a call to Wix of its own adds to it.
# Lambda gives a whole processor to 1,769 MB; intake has 512, delivery 1,024.
_TAKE_CPU, _DELIVER_CPU, _CALL_CPU = 0.000_32, 0.000_31, 0.000_75
_TAKE_SHARE, _DELIVER_SHARE = 1_769 / 512, 1_769 / 1_024

# Lambda's developer guide, "Configuring scaling behavior for SQS event source mappings": five pollers at first, then
# 300 more a minute, and 1,250 at most.
_FIRST, _MORE_A_SECOND, _MOST = 5.0, 300 / MINUTE, 1_250
# DynamoDB's developer guide, "On-demand capacity mode": a new table takes 4,000 writes a second, later twice its peak.
NEW_TABLE: Final = 4_000.0
_GROWS_AFTER: Final = 30 * MINUTE
# `python -m tests.bench.benchmarks.recovery`: what one of two runs requeues in a minute.
_RECOVERED_A_SECOND: Final = 2 * 30_000 / MINUTE
# The rows of an accepted event and of a settled one, of 1 KB at most; the row of its site comes to that for each batch.
_WRITES_TAKEN, _WRITES_DELIVERED = 1.0, 1.0
# A row in trouble is written and carried in the index at each try; the waits between tries grow to an hour.
_WRITES_IN_TROUBLE: Final = 2.0


@dataclass(frozen=True)
class Setting:
    """What an operator can turn."""

    name: str
    intake: int = 10
    delivery: int = 10
    writes: float = NEW_TABLE
    recovered: float = _RECOVERED_A_SECOND


@dataclass
class Trace:
    """What was seen at the end of each second."""

    inbox: list[float] = field(default_factory=list)
    delivery: list[float] = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)
    environments: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    reported: list[float] = field(default_factory=list)


def sites_in_a_batch(sites: int) -> float:
    """Return how many sites a batch of messages in random order has on the average."""
    return sites * (1 - (1 - 1 / sites) ** _BATCH)


def intake_seconds() -> float:
    """Return how long a batch is taken in: read, send, save, each side by side."""
    return 3 * _AWS_SECONDS + _BATCH * _TAKE_CPU * _TAKE_SHARE


def delivery_seconds(calls: float) -> float:
    """Return how long a batch is delivered that needs so many calls to Wix: rows, sites, calls, rows."""
    waits = 4 * _AWS_SECONDS + -(-calls // _CALLS_AT_ONCE) * _WIX_SECONDS
    return waits + (_BATCH * _DELIVER_CPU + calls * _CALL_CPU) * _DELIVER_SHARE


def run(setting: Setting, seconds: int, *, outage: range = range(0), sites: int = SITES, rate: float = RATE) -> Trace:
    """Let so many seconds pass. During an outage Wix answers at once, and with 503."""
    trace, table = Trace(), _Table(setting.writes)
    calls = sites_in_a_batch(sites)
    inbox = delivery = waiting = 0.0
    for second in range(seconds):
        ramp = min(_MOST, _FIRST + _MORE_A_SECOND * second)
        can_take = min(setting.intake, ramp) * _BATCH / intake_seconds()
        can_deliver = min(setting.delivery, ramp) * _BATCH / delivery_seconds(calls)
        site_rows = calls / _BATCH
        room = table.room(second)
        fails = second in outage
        each = _WRITES_IN_TROUBLE if fails else _WRITES_DELIVERED
        delivered = min(delivery, can_deliver, room / (each + site_rows))
        taken = min(inbox + rate, can_take, (room - delivered * (each + site_rows)) / _WRITES_TAKEN)
        back = 0.0 if fails else min(waiting, setting.recovered)
        inbox += rate - taken
        delivery += taken + back - delivered
        waiting += (delivered if fails else 0.0) - back
        writes = taken * _WRITES_TAKEN + delivered * (each + site_rows) + back
        table.wrote(writes)
        trace.inbox.append(inbox)
        trace.delivery.append(delivery)
        trace.waiting.append(waiting)
        trace.environments.append(taken * intake_seconds() / _BATCH + delivered * delivery_seconds(calls) / _BATCH)
        trace.writes.append(writes)
        trace.reported.append(0.0 if fails else delivered)
    return trace


class _Table:
    """A table on demand: it takes what it took at its peak half an hour ago, twice; or what it was warmed for."""

    def __init__(self, warm: float) -> None:
        self._room, self._peaks = warm, list[float]()

    def room(self, second: int) -> float:
        if second >= _GROWS_AFTER:
            self._room = max(self._room, 2 * self._peaks[second - _GROWS_AFTER])
        return self._room

    def wrote(self, units: float) -> None:
        self._peaks.append(max(units, self._peaks[-1] if self._peaks else 0.0))


def a_hot_site(times: float, budget: float = 195 / MINUTE) -> tuple[float, float, float]:
    """Return a busy site's events and calls a second, and how many of its events must travel together."""
    events = RATE / (SITES - 1 + times) * times
    return events, min(events, budget), max(1.0, events / budget)


DEFAULT: Final = Setting("as deployed")
TUNED: Final = Setting("turned up", intake=60, delivery=400, writes=60_000.0)
FASTER: Final = Setting(
    "and four times the recovery", intake=60, delivery=500, writes=80_000.0, recovered=4 * _RECOVERED_A_SECOND
)
OUTAGE: Final = range(10 * MINUTE, 40 * MINUTE)


def main() -> None:
    """Say what saturates first, and draw it."""
    print(
        f"a batch: taken in {intake_seconds():.3f} s; delivered {delivery_seconds(1):.3f} s for one site, "
        f"{delivery_seconds(sites_in_a_batch(SITES)):.3f} s for {sites_in_a_batch(SITES):.0f} sites"
    )
    for setting in (DEFAULT, TUNED):
        for rate in (500.0, 1_000.0, 2_000.0, RATE):
            trace = run(setting, 20 * MINUTE, rate=rate)
            print(
                f"{setting.name}, {rate:,.0f} a second: after 20 minutes {trace.inbox[-1]:,.0f} in the inbox, "
                f"{trace.delivery[-1]:,.0f} to deliver, {trace.environments[-1]:.0f} environments, "
                f"{trace.writes[-1]:,.0f} writes a second, {trace.reported[-1]:,.0f} reported a second"
            )
    for setting in (TUNED, FASTER):
        trace = run(setting, 30 * 60 * MINUTE, outage=OUTAGE)
        over = next((at for at, left in enumerate(trace.waiting) if at > OUTAGE.stop and left < 1), None)
        text = "not within 30 hours" if over is None else f"{(over - OUTAGE.stop) / 3_600:.1f} hours after its end"
        print(f"outage of 30 minutes, {setting.name}: {max(trace.waiting):,.0f} rows wait, all are back {text}")
    for times in (1, 10, 100, 1_000):
        events, calls, together = a_hot_site(times)
        print(f"a site at {times} × the rest: {events:.2f} events a second, {calls:.2f} calls of {together:.1f} events")
    _draw()


def _draw() -> None:
    first = {each.name: run(each, 40 * MINUTE) for each in (DEFAULT, TUNED)}
    _picture(
        "backlog",
        "Backlog of both queues, from a cold start at 10,000 events a second (millions)",
        {
            name: [(seconds + other) / 1e6 for seconds, other in zip(trace.inbox, trace.delivery, strict=True)]
            for name, trace in first.items()
        },
    )
    _picture(
        "concurrency",
        "Environments at work, from a cold start at 10,000 events a second",
        {name: trace.environments for name, trace in first.items()},
    )
    _picture("writes", "Write units a second of the table", {name: trace.writes for name, trace in first.items()})
    late = {each.name: run(each, 16 * 60 * MINUTE, outage=OUTAGE) for each in (TUNED, FASTER)}
    _picture(
        "outage",
        "Rows that wait, by an outage of Wix of 30 minutes (millions)",
        {name: [left / 1e6 for left in trace.waiting] for name, trace in late.items()},
    )
    multiples = range(1, 201)
    _picture(
        "hot-site",
        "One site at 1 to 200 times the load of the rest: events, and calls it may make, a second",
        {
            "events": [a_hot_site(times)[0] for times in multiples],
            "calls": [a_hot_site(times)[1] for times in multiples],
        },
        lambda at: f"{at + 1} ×",
    )


_WIDTH, _HEIGHT, _LEFT, _TOP = 720, 260, 60, 34
_COLOURS: Final = ("#0969da", "#bf8700")
_STYLE: Final = (
    "text { font: 12px system-ui, sans-serif; fill: #59636e } "
    "@media (prefers-color-scheme: dark) { text { fill: #9198a1 } }"
)


def _picture(
    name: str, title: str, lines: Mapping[str, Sequence[float]], label: Callable[[int], str] | None = None
) -> None:
    highest = max(max(line) for line in lines.values()) or 1.0
    length = max(len(line) for line in lines.values())
    across, up = (_WIDTH - _LEFT - 20) / length, (_HEIGHT - _TOP - 40) / highest
    shapes = [f'<text x="10" y="18">{title}</text>']
    for part in (0.0, 0.5, 1.0):
        y = _HEIGHT - 40 - part * highest * up
        shapes.append(
            f'<line x1="{_LEFT}" y1="{y:.0f}" x2="{_WIDTH - 20}" y2="{y:.0f}" stroke="#8c959f" stroke-opacity=".3"/>'
        )
        shapes.append(f'<text x="6" y="{y + 4:.0f}">{part * highest:.3g}</text>')
        at = min(length - 1, int(part * length))
        tick = label(at) if label else f"{at / 3_600:.1f} h" if length > 2 * 3_600 else f"{at // MINUTE} min"
        shapes.append(f'<text x="{_LEFT + at * across - (30 if part else 0):.0f}" y="{_HEIGHT - 22}">{tick}</text>')
    for number, (who, line) in enumerate(lines.items()):
        step = max(1, length // 300)
        points = " ".join(
            f"{_LEFT + at * across:.1f},{_HEIGHT - 40 - line[at] * up:.1f}" for at in range(0, len(line), step)
        )
        colour = _COLOURS[number]
        shapes.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        shapes.append(f'<rect x="{_LEFT + number * 220}" y="{_HEIGHT - 14}" width="10" height="10" fill="{colour}"/>')
        shapes.append(f'<text x="{_LEFT + 16 + number * 220}" y="{_HEIGHT - 5}">{who}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
    text = "\n".join([head, f"<style>{_STYLE}</style>", *shapes, "</svg>", ""])
    (ROOT / f"docs/scaling-{name}.svg").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
