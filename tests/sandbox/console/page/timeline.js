// A site's events, activations and actions on an axis of time: past and coming, with the clock as a line between.
//
// A lane for each trigger. As long as its entities fit, each has a row of its own, on which every generation of it is
// drawn; beyond that the lane shows how many of what lie where. Only what is in the window is drawn.

import { html, nothing, svg } from "./vendor/lit-html/lit-html.js";
import { repeat } from "./vendor/lit-html/directives/repeat.js";
import { DAY, HOUR, MINUTE, SECOND, changeCount, moment, short, span, spaced, tick } from "./format.js";
import { KINDS, badge, clockBar, emptyState, iconPaths, json, pairs, turn } from "./parts.js";
import { changed, current, isOpen, now, standing, state, triggerName, wholeOf } from "./store.js";

const AXIS = 34;
const ROW = 30;
const HEAD = 28;
const MOST_ROWS = 12;
const MOST_MARKS = 200;
const MOST_GENERATIONS = 3;
const BIN = 22;
const LABEL_PIXELS = 150;
const STEPS = [SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 91 * DAY, 365 * DAY];

let width = 0;
let range = null; // {from, to}; null: all that there is
let chosen = null; // the key of the mark that is looked at
let hovered = null;
let dragged = null; // where the clock would be turned to
let panning = null;
let order = []; // the keys of the marks that are drawn, by lane and time
let drawn = new Map();

// --- What there is: marks of each lane, made anew when something came in ------------------------------------------

let model = { revision: -1, site: null };

function modelOf(site) {
  if (model.revision === state.revision && model.site === site.id) return model;
  const lanes = new Map();
  let from = Infinity;
  let to = -Infinity;
  const reach = (at) => {
    from = Math.min(from, at);
    to = Math.max(to, at);
  };
  for (const event of site.events) {
    const marks = marksOf(event);
    if (!marks.length) continue;
    const key = event.trigger ?? "unknown";
    if (!lanes.has(key)) lanes.set(key, { key, groups: new Map(), marks: [] });
    const lane = lanes.get(key);
    const group = lane.groups.get(event.partition) ?? { key: event.partition, events: [], from: Infinity, to: -Infinity };
    lane.groups.set(event.partition, group);
    group.events.push({ event, marks });
    for (const mark of marks) {
      reach(mark.at);
      group.from = Math.min(group.from, mark.at);
      group.to = Math.max(group.to, mark.at);
      lane.marks.push(mark);
    }
  }
  for (const lane of lanes.values()) {
    lane.marks.sort((a, b) => a.at - b.at);
    lane.groups = [...lane.groups.values()].sort((a, b) => a.from - b.from);
  }
  model = { revision: state.revision, site: site.id, lanes: [...lanes.values()], from, to };
  return model;
}

function marksOf(event) {
  const marks = [];
  if (event.reportedAt) marks.push({ key: `${event.id}/reported`, kind: "event", at: event.reportedAt, event, entry: event.entry });
  for (const activation of event.activations) {
    marks.push({ key: activation.id, kind: "activation", at: activation.runsAt ?? activation.beganAt, event, activation, entry: activation.number });
    for (const action of activation.actions) {
      marks.push({ key: `${activation.id}/${action.number}`, kind: "action", at: action.at, event, activation, action, entry: action.number });
    }
  }
  if (event.cancelledAt) marks.push({ key: `${event.id}/cancelled`, kind: "cancel", at: event.cancelledAt, event, entry: event.entry });
  return marks;
}

// --- The window ------------------------------------------------------------------------------------------------

function windowOf(model, clock) {
  if (range) return range;
  const from = Math.min(model.from, clock);
  const to = Math.max(model.to, clock);
  const length = Math.max(to - from, 30 * SECOND);
  const pixel = length / Math.max(width - LABEL_PIXELS - 60, 100);
  return { from: from - 40 * pixel, to: from + length + (LABEL_PIXELS + 20) * pixel };
}

function zoom(factor, around) {
  const site = current();
  const { from, to } = windowOf(modelOf(site), now(site));
  const middle = around ?? (from + to) / 2;
  const length = Math.min(Math.max((to - from) * factor, 2 * SECOND), 40 * 365 * DAY);
  const start = middle - ((middle - from) / (to - from)) * length;
  range = { from: start, to: start + length };
  changed();
}

function pan(part) {
  const site = current();
  const { from, to } = windowOf(modelOf(site), now(site));
  const by = (to - from) * part;
  range = { from: from + by, to: to + by };
  changed();
}

function show(mark) {
  const site = current();
  const { from, to } = windowOf(modelOf(site), now(site));
  if (mark.at >= from && mark.at <= to) return;
  const half = (to - from) / 2;
  range = { from: mark.at - half, to: mark.at + half };
}

// --- What is drawn -----------------------------------------------------------------------------------------------

const within = (group, from, to) => group.from <= to && group.to >= from;

/** Rows of groups that don't overlap, each as early as it can be; null if there would be too many, or too much on them. */
function rowsOf(lane, from, to, scale) {
  if (place(lane.marks, to) - place(lane.marks, from) > MOST_MARKS) return null;
  const gap = LABEL_PIXELS / scale;
  const ends = [];
  const rows = [];
  for (const group of lane.groups) {
    if (!within(group, from, to)) continue;
    const tall = rowsIn(group);
    let row = 0;
    while (ends.slice(row, row + tall).some((end) => end >= group.from)) row += 1;
    if (row + tall > MOST_ROWS) return null;
    for (let each = row; each < row + tall; each += 1) ends[each] = group.to + gap;
    rows.push({ group, row });
  }
  return { rows, count: Math.max(ends.length, 1) };
}

/** The generations of an entity lie below each other, the newest above; older ones share the last row. */
const rowsIn = ({ events }) => (events[0].event.generation ? Math.min(events.length, MOST_GENERATIONS) : 1);

function place(list, at) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const BANDS = { event: 0, cancel: 0, activation: 1, action: 2 };
const BAND_NAMES = ["events", "activations", "actions"];

/** Marks that lie closer together than can be told apart, as one; a mark on its own stays itself. */
function clustersOf(lane, from, to, x) {
  const bands = [new Map(), new Map(), new Map()];
  const end = place(lane.marks, to);
  for (let index = place(lane.marks, from); index < end; index += 1) {
    const mark = lane.marks[index];
    const bins = bands[BANDS[mark.kind]];
    const bin = Math.floor(x(mark.at) / BIN);
    const cluster = bins.get(bin);
    if (!cluster) bins.set(bin, { marks: 1, first: mark, from: mark.at, to: mark.at, struck: isStruck(mark) ? 1 : 0 });
    else {
      cluster.marks += 1;
      cluster.to = mark.at;
      cluster.struck += isStruck(mark) ? 1 : 0;
    }
  }
  return bands;
}

const isStruck = (mark) =>
  mark.kind === "cancel" || (mark.activation ? mark.activation.status === "CANCELLED" : Boolean(mark.event.cancelledAt));

const told = (mark) => {
  const trigger = triggerName(mark.event.trigger);
  const when = moment(mark.at);
  if (mark.kind === "event") return `${trigger}, reported ${when}${mark.event.cancelledAt ? ", cancelled since" : ""}`;
  if (mark.kind === "cancel") return `${trigger}, cancelled ${when}`;
  if (mark.kind === "action") return `${KINDS[mark.action.kind]} of ${trigger}, ${mark.action.error ? "failed" : "carried out"} ${when}`;
  const { status, reason } = mark.activation;
  const why = reason ? `, ${spaced(reason)}` : "";
  return `Activation of ${trigger}, ${isOpen(mark.activation) ? `due ${when}` : `${status.toLowerCase()}${why}, planned for ${when}`}`;
};

const diamond = (size) => `M0 ${-size}L${size} 0L0 ${size}L${-size} 0Z`;

function shape(mark) {
  const struck = isStruck(mark);
  if (mark.kind === "event") return svg`<circle r="5" class=${struck ? "dot struck" : "dot"} />`;
  if (mark.kind === "cancel") return svg`<path d="M-4 -4L4 4M4 -4L-4 4" class="cross" />`;
  if (mark.kind === "action")
    return svg`<rect x="-10" y="-10" width="20" height="20" rx="5" class=${mark.action.error ? "action failed" : "action"} />
      <g transform="translate(-6.4 -6.4) scale(.8)" class="glyph">${iconPaths(mark.action.kind)}</g>`;
  const { status } = mark.activation;
  return svg`<path d=${diamond(6)} class="diamond ${status.toLowerCase()}" />${struck || status === "SKIPPED" ? svg`<path d="M-9 0H9" class="strike" />` : nothing}`;
}

function markOf(mark, x, y) {
  order.push(mark.key);
  drawn.set(mark.key, mark);
  const active = mark.key === chosen;
  return svg`<g class="mark ${active ? "active" : ""}" transform="translate(${x} ${y})" data-key=${mark.key} role="button"
    tabindex="-1" aria-label=${told(mark)}><circle r="13" class="ring" />${shape(mark)}</g>`;
}

function thread({ event }, x, y, clock) {
  const ends = event.activations.map((activation) => activation.runsAt ?? activation.at);
  const acted = event.activations.flatMap((activation) => activation.actions.map((action) => action.at));
  const start = event.reportedAt ?? event.cancelledAt;
  const end = Math.max(start, ...ends, ...acted);
  if (event.cancelledAt) {
    const cut = Math.min(Math.max(event.cancelledAt, start), Math.max(end, start));
    return svg`<path d="M${x(start)} ${y}H${x(cut)}" class="thread struck" /><path d="M${x(cut)} ${y}H${x(end)}" class="thread struck gone" />`;
  }
  const split = Math.min(Math.max(clock, start), end);
  return svg`<path d="M${x(start)} ${y}H${x(split)}" class="thread" /><path d="M${x(split)} ${y}H${x(end)}" class="thread coming" />`;
}

function groupOf(group, top, x, clock) {
  const rows = Array.from({ length: rowsIn(group) }, () => []);
  group.events.forEach((each, index) => rows[Math.min(group.events.length - 1 - index, rows.length - 1)].push(each));
  return rows.map((events, row) => rowOf(events, top + row * ROW, x, clock));
}

function rowOf(events, y, x, clock) {
  const last = events[events.length - 1].event;
  const marks = events.flatMap(({ marks }) => marks);
  const places = marks.map(({ at }) => x(at));
  const right = Math.max(...places);
  const label = `${short(last.id)}${last.generation ? ` · generation ${changeCount(last.generation)}` : ""}`;
  const fits = right + LABEL_PIXELS < width;
  const shown = marks.filter(({ at }) => x(at) > -20 && x(at) < width + 20).map((mark) => ({ key: mark.key, drawing: markOf(mark, x(mark.at), y) }));
  // Marks of older generations first, so that those of the newest lie on top; of one event, activations under actions.
  return svg`${events.map((each) => thread(each, x, y, clock))}
    ${repeat(shown, ({ key }) => key, ({ drawing }) => drawing)}
    <text x=${fits ? Math.max(right, 0) + 17 : Math.max(Math.min(...places), 8)} y=${fits ? y + 4 : y - 10} class="label ${last.cancelledAt ? "struck" : ""}">${label}</text>`;
}

function clusterOf(lane, cluster, band, bin, y) {
  const middle = bin * BIN + BIN / 2;
  if (cluster.marks === 1) return markOf(cluster.first, middle, y);
  const key = `${lane.key}/${band}/${bin}`;
  order.push(key);
  drawn.set(key, { key, cluster, lane, band });
  const height = Math.min(6 + Math.log2(cluster.marks) * 2, 24);
  const struck = cluster.struck === cluster.marks;
  const name = `${cluster.marks} ${BAND_NAMES[band]} of ${triggerName(lane.key)}, ${moment(cluster.from)} to ${moment(cluster.to)}${cluster.struck ? `, ${cluster.struck} cancelled` : ""}: zoom in`;
  return svg`<g class="mark cluster ${key === chosen ? "active" : ""} ${struck ? "struck" : ""}" transform="translate(${middle} ${y})" data-key=${key} role="button" tabindex="-1" aria-label=${name}>
    <rect x="-13" y="-15" width="26" height="30" rx="5" class="ring" />
    <rect x=${-BIN / 2 + 1} y=${-height / 2} width=${BIN - 2} height=${height} rx="3" class="bin band${band}" />
    <text y="3.5" text-anchor="middle" class="sum">${cluster.marks < 1000 ? cluster.marks : `${Math.round(cluster.marks / 1000)}k`}</text></g>`;
}

function laneOf(lane, top, x, from, to, scale, clock) {
  const packed = rowsOf(lane, from, to, scale);
  const rows = packed ? packed.count : 3;
  const height = HEAD + rows * ROW + 6;
  const body = packed
    ? packed.rows.map(({ group, row }) => groupOf(group, top + HEAD + row * ROW + ROW / 2, x, clock))
    : clustersOf(lane, from, to, x).map((bins, band) => {
        const y = top + HEAD + band * ROW + ROW / 2;
        return svg`<text x=${width - 10} y=${y + 4} text-anchor="end" class="label">${BAND_NAMES[band]}</text>
          ${[...bins].map(([bin, cluster]) => clusterOf(lane, cluster, band, bin, y))}`;
      });
  const count = lane.groups.length;
  return {
    height,
    drawing: svg`<g class="lane"><path d="M0 ${top}H${width}" class="rule" />
      <text x="12" y=${top + 19} class="name">${triggerName(lane.key)}<tspan dx="8" class="muted">${count.toLocaleString("en")} ${count === 1 ? "entity" : "entities"}</tspan></text>
      ${body}</g>`,
  };
}

function ticks(from, to, x, height) {
  const most = Math.max(3, Math.floor(width / 92));
  const step = STEPS.find((each) => (to - from) / each <= most) ?? 5 * 365 * DAY;
  const zone = new Date(from).getTimezoneOffset() * MINUTE;
  const marks = [];
  for (let at = Math.ceil((from - zone) / step) * step + zone; at < to; at += step) marks.push(at);
  return svg`${marks.map((at) => svg`<path d="M${x(at)} ${AXIS - 6}V${height}" class="tick" /><text x=${x(at)} y=${AXIS - 14} text-anchor="middle" class="when">${tick(at, step)}</text>`)}`;
}

function clockLine(x, clock, height, site) {
  const shown = dragged ?? clock;
  const place = Math.min(Math.max(x(shown), 0), width);
  const due = dragged ? [...site.activations.values()].filter((each) => isOpen(each) && each.runsAt <= dragged).length : 0;
  const label = dragged ? `${moment(shown)} · ${due} due` : "now";
  const side = place > width - 190 ? "end" : "start";
  return svg`<g class="clock-line ${dragged ? "dragged" : ""}" transform="translate(${place} 0)" role="slider" tabindex="0" aria-label="Clock of ${site.name}"
      aria-valuemin=${Math.round(clock)} aria-valuemax=${Math.round(clock + 365 * DAY)} aria-valuenow=${Math.round(shown)} aria-valuetext="${moment(shown)}${dragged ? `, ${due} due, Enter turns the clock` : ""}">
    <path d="M0 ${AXIS - 6}V${height}" /><rect x="-14" y="0" width="28" height=${height} class="grip" />
    <path d="M-6 ${AXIS - 16}H6V${AXIS - 8}L0 ${AXIS - 2}L-6 ${AXIS - 8}Z" class="handle" />
    ${dragged ? svg`<g transform="translate(${side === "end" ? -10 : 10} ${AXIS + 14})"><text text-anchor=${side} class="ahead">${label}</text></g>` : nothing}
  </g>`;
}

// --- What hands do -----------------------------------------------------------------------------------------------

const keyAt = (target) => target.closest?.("[data-key]")?.dataset.key ?? null;
const box = () => document.querySelector(".timeline svg.chart").getBoundingClientRect();
const scaleNow = () => {
  const { from, to } = windowOf(modelOf(current()), now());
  return { from, to, at: (pixel) => from + (pixel / width) * (to - from) };
};

function down(press) {
  if (press.button !== 0) return;
  const chart = press.currentTarget;
  const clock = press.target.closest(".clock-line");
  const { from, to } = scaleNow();
  range = { from, to };
  panning = { x: press.clientX, from, to, clock: Boolean(clock), moved: false, key: keyAt(press.target), chart, id: press.pointerId };
}

function move(motion) {
  if (!panning) {
    const key = keyAt(motion.target);
    if (key !== hovered) {
      hovered = key;
      changed();
    }
    return;
  }
  const by = motion.clientX - panning.x;
  if (!panning.moved && Math.abs(by) < 3) return;
  if (!panning.moved) panning.chart.setPointerCapture(panning.id);
  panning.moved = true;
  if (panning.clock) dragged = Math.max(scaleNow().at(motion.clientX - box().left), now());
  else {
    const time = (-by / width) * (panning.to - panning.from);
    range = { from: panning.from + time, to: panning.to + time };
  }
  changed();
}

function up() {
  const done = panning;
  panning = null;
  if (!done) return;
  if (done.clock && done.moved) commit();
  else if (!done.moved && done.key) choose(done.key, true);
}

function lost() {
  panning = null;
  dragged = null;
  changed();
}

async function commit() {
  const to = dragged;
  if (!to) return;
  await turn({ to: new Date(to).toISOString() });
  dragged = null;
  changed();
}

function choose(key, opens = false) {
  chosen = key;
  const mark = drawn.get(key);
  if (opens && mark?.cluster) {
    const { from, to } = mark.cluster;
    const margin = Math.max((to - from) * 0.2, SECOND);
    range = { from: from - margin, to: to + margin };
  }
  changed();
}

function focusChosen() {
  requestAnimationFrame(() => document.querySelector(`.timeline [data-key="${CSS.escape(chosen)}"]`)?.focus());
}

const CLOCK_KEYS = { ArrowRight: HOUR, ArrowUp: HOUR, PageUp: DAY, ArrowLeft: -HOUR, ArrowDown: -HOUR, PageDown: -DAY };

function clockKey(press) {
  if (press.key in CLOCK_KEYS) dragged = Math.max((dragged ?? now()) + CLOCK_KEYS[press.key], now());
  else if (press.key === "Enter") commit();
  else if (press.key === "Escape") dragged = null;
  else return false;
  return true;
}

function key(press) {
  const done = press.target.closest(".clock-line") ? clockKey(press) : chartKey(press);
  if (done) {
    press.preventDefault();
    changed();
  }
}

function chartKey(press) {
  const index = order.indexOf(chosen);
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  if (press.key in steps && order.length) {
    const next = index < 0 ? (steps[press.key] > 0 ? 0 : order.length - 1) : Math.min(Math.max(index + steps[press.key], 0), order.length - 1);
    choose(order[next]);
    focusChosen();
  } else if (press.key === "Home" && order.length) {
    choose(order[0]);
    focusChosen();
  } else if (press.key === "End" && order.length) {
    choose(order[order.length - 1]);
    focusChosen();
  } else if (press.key === "+" || press.key === "=") zoom(0.5);
  else if (press.key === "-") zoom(2);
  else if (press.key === "0") range = null;
  else if (press.key === "PageUp") pan(-0.5);
  else if (press.key === "PageDown") pan(0.5);
  else if (press.key === "Enter" && drawn.has(chosen)) {
    const mark = drawn.get(chosen);
    if (mark.cluster) choose(chosen, true);
    else location.hash = `event/${mark.event.id}`;
  } else return false;
  return true;
}

function wheel(turned) {
  if (!turned.ctrlKey && !turned.metaKey && !turned.shiftKey) return;
  turned.preventDefault();
  const { at } = scaleNow();
  if (turned.shiftKey) pan((turned.deltaY || turned.deltaX) / 1000);
  else zoom(Math.exp(turned.deltaY / 300), at(turned.clientX - box().left));
}

const wheeling = { handleEvent: wheel, passive: false };
const watcher = new ResizeObserver(([entry]) => {
  const found = Math.round(entry.contentRect.width);
  if (found && found !== width) {
    width = found;
    changed();
  }
});
let watched = null;

function watch() {
  requestAnimationFrame(() => {
    const chart = document.querySelector(".timeline .chart-box");
    if (chart && chart !== watched) {
      watcher.disconnect();
      watcher.observe(chart);
      watched = chart;
    }
  });
}

// --- What is looked at -------------------------------------------------------------------------------------------

function inspector() {
  const mark = drawn.get(hovered) ?? drawn.get(chosen);
  if (!mark)
    return html`<aside class="inspector" aria-live="polite" aria-label="What is looked at"><p class="muted">Point at a mark, or go to it with the arrow keys: its payload and its reason appear here.</p>
      <ul class="legend"><li><svg viewBox="-9 -9 18 18"><circle r="5" class="dot" /></svg>event, reported</li>
      <li><svg viewBox="-9 -9 18 18"><path d=${diamond(6)} class="diamond scheduled" /></svg>activation, to come</li>
      <li><svg viewBox="-9 -9 18 18"><path d=${diamond(6)} class="diamond ended" /></svg>activation, ended</li>
      <li><svg viewBox="-11 -11 22 22"><rect x="-10" y="-10" width="20" height="20" rx="5" class="action" /><g transform="translate(-6.4 -6.4) scale(.8)" class="glyph">${iconPaths("email")}</g></svg>action, carried out</li>
      <li><svg viewBox="-9 -9 18 18"><path d=${diamond(6)} class="diamond cancelled" /><path d="M-9 0H9" class="strike" /></svg><span><s>struck</s>: cancelled</span></li></ul></aside>`;
  if (mark.cluster)
    return html`<aside class="inspector" aria-live="polite" aria-label="What is looked at"><h3>${mark.cluster.marks} ${BAND_NAMES[mark.band]}</h3>
      ${pairs([["trigger", triggerName(mark.lane.key)], ["from", moment(mark.cluster.from)], ["to", moment(mark.cluster.to)], ["cancelled", mark.cluster.struck || null]])}
      <p class="muted">Enter or a click zooms in.</p></aside>`;
  const { event, activation, action } = mark;
  const whole = wholeOf(mark.entry);
  const titles = { event: "Event reported", cancel: "Event cancelled", activation: "Activation", action: action ? KINDS[action.kind] : "" };
  const automation = activation && current().automations.get(activation.automation);
  return html`<aside class="inspector" aria-live="polite" aria-label="What is looked at">
    <h3 class=${isStruck(mark) ? "struck" : ""}>${titles[mark.kind]}</h3>
    ${pairs([
      ["trigger", triggerName(event.trigger)],
      [mark.kind === "activation" && isOpen(activation) ? "due" : "at", moment(mark.at)],
      ["status", activation ? badge(activation.status) : badge(standing(event))],
      ["reason", activation?.reason ? spaced(activation.reason) : event.reason],
      ["automation", automation?.name],
      ["error", action?.error],
      ["event", html`<a href="#event/${event.id}"><code>${event.id}</code></a>`],
    ])}
    ${whole ? (action ? json(whole.content) : html`<h4>Payload</h4>${json(whole.payload)}`) : nothing}
  </aside>`;
}

// --- The view ----------------------------------------------------------------------------------------------------

export function timelineView() {
  const site = current();
  const found = modelOf(site);
  watch();
  if (!found.lanes.length)
    return html`<div class="bar"><h1>Timeline</h1>${clockBar()}</div>
      <section class="timeline panel empty-panel"><div class="chart-box">${emptyState("Nothing reported on this site yet", "An event that you send appears here as a dot. Its future activations appear as diamonds to the right. Move the clock, and see them happen.", ["#try", "Try it"])}</div></section>`;
  const clock = now(site);
  const { from, to } = windowOf(found, clock);
  const scale = width / (to - from);
  const x = (at) => Math.round((at - from) * scale * 10) / 10;
  order = [];
  drawn = new Map();
  let top = AXIS;
  const lanes = width
    ? found.lanes.map((lane) => {
        const { height, drawing } = laneOf(lane, top, x, from, to, scale, clock);
        top += height;
        return drawing;
      })
    : [];
  const height = Math.max(top + 8, 380);
  const future = Math.min(Math.max(x(dragged ?? clock), 0), width);
  const events = site.events.length;
  return html`<div class="bar"><h1>Timeline</h1>${clockBar()}</div>
    <section class="timeline panel">
      <div class="chart-side">
        <div class="chart-tools" role="toolbar" aria-label="Zoom">
          <span class="muted">${events.toLocaleString("en")} ${events === 1 ? "event" : "events"}, ${span(to - from)} in view</span>
          <button type="button" aria-label="Zoom out" @click=${() => zoom(2)}>−</button>
          <button type="button" aria-label="Zoom in" @click=${() => zoom(0.5)}>+</button>
          <button type="button" @click=${() => { range = null; changed(); }}>All</button>
        </div>
        <div class="chart-box">
          <svg class="chart" width=${width} height=${height} role="group" tabindex="0" aria-label="Timeline of ${site.name}: arrow keys go from mark to mark, Enter opens, plus and minus zoom"
            @pointerdown=${down} @pointermove=${move} @pointerup=${up} @pointercancel=${lost} @pointerleave=${() => { hovered = null; changed(); }} @keydown=${key} @wheel=${wheeling}
            @focusin=${(focus) => { const at = keyAt(focus.target); if (at && at !== chosen) choose(at); }}>
            <rect x=${future} y=${AXIS - 6} width=${Math.max(width - future, 0)} height=${height} class="future" />
            ${ticks(from, to, x, height)}
            ${lanes}
            ${clockLine(x, clock, height, site)}
          </svg>
        </div>
        <p class="hint muted">Drag to move. Hold Ctrl and turn the wheel to zoom. Drag the clock's line to move the time forward.</p>
      </div>
      ${inspector()}
    </section>`;
}
