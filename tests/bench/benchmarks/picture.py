"""Draws what a reader of the README asks for first: what an event costs, and how many a worker gets through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from tests.bench.benchmarks.figures import Figure

_PANELS: Final = {
    "processor time an event, batch of 100: ": "Processor time for an event, in batches of 100 (µs; less is better)",
    "events a second, 1 site, with latency: ": "Events a second of a worker: AWS takes 8 ms, Wix 120 (more is better)",
}
_WIDTH, _LEFT, _BAR, _STEP = 760, 250, 16, 24
_STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .head { font-weight: 600 } .bar { fill: #8c959f } .ours { fill: #0969da } .note { font-size: 11px; fill: #59636e }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .note { fill: #9198a1 } .ours { fill: #4493f8 } }
"""


def picture(figures: Sequence[Figure], machine: str) -> str:
    """Return the picture as SVG, readable on a light and on a dark page."""
    lines: list[str] = []
    top = 10
    for prefix, title in _PANELS.items():
        panel = [each for each in figures if each.what.startswith(prefix)]
        lines += _panel(title, prefix, panel, top)
        top += 40 + _STEP * len(panel)
    lines.append(f'<text class="note" x="10" y="{top + 8}">make bench: {escape(machine)}; medians</text>')
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + 20}" role="img" aria-label="Benchmarks">'
    )
    return "\n".join([head, f"<style>{_STYLE}</style>", *lines, "</svg>", ""])


def _panel(title: str, prefix: str, panel: Sequence[Figure], top: int) -> Iterator[str]:
    yield f'<text class="head" x="10" y="{top + 14}">{escape(title)}</text>'
    longest = max(each.value for each in panel)
    for number, each in enumerate(panel):
        y = top + 26 + number * _STEP
        name = each.what.removeprefix(prefix)
        width = max(1, round((_WIDTH - _LEFT - 70) * each.value / longest))
        kind = "ours" if name == "ours" else "bar"
        yield f'<text x="10" y="{y + 13}">{escape(name)}</text>'
        yield f'<rect class="{kind}" x="{_LEFT}" y="{y}" width="{width}" height="{_BAR}" rx="2"/>'
        yield f'<text x="{_LEFT + width + 6}" y="{y + 13}">{each.value:,.0f}</text>'
