// All that the page knows: what the scene says, what the stream brought, and where the reader is.

import * as api from "./api.js";
import { generation } from "./format.js";

export const state = {
  scene: null,
  connection: "connecting",
  site: null,
  sites: new Map(),
  eventsById: new Map(),
  newest: new Map(),
  calls: new Map(),
  on: new Set(),
  entries: 0,
  revision: 0,
};

const listeners = new Set();
let asked = false;

/** Draw again, once, before the next frame. */
export function changed() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    for (const listener of listeners) listener();
  });
}

export const onChange = (listener) => listeners.add(listener);

export const now = (site = current()) => Date.now() + (site?.ahead ?? 0);
export const current = () => state.sites.get(state.site);
export const triggerOf = (key) => state.scene.triggers.find((trigger) => trigger.key === key);
export const triggerName = (key) => triggerOf(key)?.name ?? key ?? "unknown trigger";

export function chooseSite(id) {
  state.site = id;
  localStorage.setItem("site", id);
  changed();
}

export async function begin() {
  state.scene = await api.scene();
  state.on = new Set(state.scene.on);
  reset();
  const chosen = localStorage.getItem("site");
  state.site = state.sites.has(chosen) ? chosen : state.scene.sites[0]?.id;
  changed();
  const source = new EventSource("/api/stream");
  source.addEventListener("open", () => connected("live"));
  source.addEventListener("error", () => connected("lost"));
  source.addEventListener("start", reset);
  source.addEventListener("message", ({ data }) => {
    for (const entry of JSON.parse(data)) take(entry);
    state.revision += 1;
    changed();
  });
}

function connected(connection) {
  state.connection = connection;
  changed();
}

function reset() {
  state.sites = new Map(state.scene.sites.map((site) => [site.id, newSite(site)]));
  state.eventsById = new Map();
  state.newest = new Map();
  state.calls = new Map();
  state.entries = 0;
  state.revision += 1;
}

const newSite = ({ id, name, installed }) => ({
  id,
  name,
  installed,
  ahead: 0,
  events: [],
  activations: new Map(),
  actions: [],
  automations: new Map(),
  calls: [],
});

const FINAL = new Set(["ENDED", "CANCELLED", "FAILED", "SKIPPED"]);
export const isOpen = (activation) => !FINAL.has(activation.status);

function siteOf(id) {
  if (!state.sites.has(id)) state.sites.set(id, newSite({ id, name: id, installed: true }));
  return state.sites.get(id);
}

/** The event of an id, made at its first mention; a site or trigger not known yet is filled in later. */
function eventOf(id, { site, trigger, seen }) {
  let event = state.eventsById.get(id);
  if (!event) {
    event = { id, partition: id.slice(0, -13), site: null, trigger: null, seen, mentions: 0, activations: [], calls: 0, duplicates: 0 };
    state.eventsById.set(id, event);
  }
  event.trigger ??= trigger ?? null;
  if (!event.generation && triggerOf(event.trigger)?.kind === "scheduled") {
    event.generation = generation(id);
    state.newest.set(event.partition, Math.max(state.newest.get(event.partition) ?? 0, event.generation));
  }
  event.mentions += 1;
  if (site && !event.site) {
    event.site = site;
    siteOf(site).events.push(event);
  }
  return event;
}

const takers = {
  event({ event, site, trigger, effect, at, seen, number }) {
    const known = eventOf(event ?? `without id ${number}`, { site, trigger, seen });
    if (effect === "reported") known.reportedAt ??= at;
    if (effect === "cancelled") known.cancelledAt = at;
    if (effect === "ignored duplicate") known.duplicates += 1;
    known.entry ??= number;
  },
  activation({ id, event, site, trigger, automation, status, reason, runsAt, at, seen, number }) {
    const { activations } = siteOf(site);
    let activation = activations.get(id);
    if (!activation) {
      const owner = event ? eventOf(event, { site, trigger, seen }) : null;
      activation = { id, event: owner, automation, trigger, beganAt: at, actions: [] };
      activations.set(id, activation);
      owner?.activations.push(activation);
    }
    Object.assign(activation, { status, reason, at, number, runsAt: runsAt ? Date.parse(runsAt) : null });
  },
  action(entry) {
    const site = siteOf(entry.site);
    const activation = site.activations.get(entry.activation);
    const action = { ...entry, event: activation?.event ?? null };
    site.actions.push(action);
    activation?.actions.push(action);
  },
  automation({ site, number, seen, what, ...automation }) {
    const { automations } = siteOf(site);
    if (automation.status === "DELETED") automations.delete(automation.id);
    else automations.set(automation.id, automation);
  },
  clock({ site, ahead }) {
    siteOf(site).ahead = ahead * 1000;
  },
  call(call) {
    const fresh = !state.calls.has(call.call);
    state.calls.set(call.call, call);
    if (!call.site) return;
    const site = siteOf(call.site);
    if (fresh) site.calls.push(call);
    else site.calls[site.calls.findLastIndex((each) => each.call === call.call)] = call;
    for (const item of call.items) {
      if (!item.event) continue;
      const event = eventOf(item.event, { site: call.site, trigger: call.triggerKey, seen: call.seen });
      if (fresh) event.calls += 1;
    }
  },
  note(note) {
    if (!note.event_id) return;
    const event = eventOf(note.event_id, { site: note.instance_id, trigger: note.trigger_key, seen: note.seen });
    if (note.outcome) event.outcome = note.outcome;
    // Logs are read one function after the other, so an older line may come after a newer one.
    if (note.at < event.notedAt) return;
    event.notedAt = note.at;
    if (note.state) event.state = note.state;
    event.reason = note.reason ?? event.reason;
    event.attempts = note.attempts ?? event.attempts;
  },
  switches({ on }) {
    state.on = new Set(on);
  },
  app({ site, installed }) {
    siteOf(site).installed = installed;
  },
};

const noteListeners = new Set();
export const onNote = (listener) => noteListeners.add(listener);

function take(entry) {
  state.entries = entry.number;
  takers[entry.what]?.(entry);
  if (entry.what === "note") for (const listener of noteListeners) listener(entry);
}

/** How an event stands, in one word and a tone: what the ledger says last, or else what Wix did. */
export function standing(event) {
  if (event.cancelledAt) return "cancelled";
  if (event.state) return event.state;
  if (event.reportedAt) return "reported";
  if (event.generation && event.generation < state.newest.get(event.partition)) return "superseded";
  return event.outcome === "accepted" ? "pending" : (event.outcome ?? "pending");
}

const whole = new Map();

/** The whole of an entry, if it is here; it is asked for once, and then the page is drawn again. */
export function wholeOf(number) {
  if (!number) return null;
  if (!whole.has(number)) {
    if (whole.size > 2000) whole.clear();
    whole.set(number, null);
    api.entry(number).then(
      (told) => {
        whole.set(number, told);
        changed();
      },
      () => whole.delete(number),
    );
  }
  return whole.get(number);
}
