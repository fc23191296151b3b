// One event's way, both sides beside each other: ours to the left, Wix's to the right, time from top to bottom.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { repeat } from "./vendor/lit-html/directives/repeat.js";
import * as api from "./api.js";
import { day, moment, short, spaced, time } from "./format.js";
import { KINDS, badge, copy, emptyState, icon, json, pairs, statusBadge } from "./parts.js";
import { changed, current, standing, state, triggerName } from "./store.js";

const MOST_SHOWN = 200;
const AGAIN_AFTER = 1000;

let sought = "";
let known = { id: null, told: null, last: -1, asking: false, askedAt: 0, error: null };

/** What both sides know of it: asked for anew when the stream has brought news, while it is on its way, and after an error. */
function toldOf(id) {
  if (known.id !== id) known = { id, told: null, last: -1, asking: false, askedAt: 0, error: null };
  const event = state.eventsById.get(id);
  const last = `${event?.mentions} ${event?.activations.map(({ status }) => status)}`;
  const moving = ["pending", "retrying", "parked"].includes(known.told?.ledger?.[0]?.state);
  const due = last !== known.last || ((moving || known.error) && Date.now() - known.askedAt > AGAIN_AFTER);
  if (due && !known.asking) {
    Object.assign(known, { asking: true, last, askedAt: Date.now() });
    const mine = known;
    api.event(id).then(
      (told) => Object.assign(mine, { told, error: null, asking: false }),
      (error) => Object.assign(mine, { error, asking: false }),
    ).then(changed);
  }
  return known;
}

function list(site, chosen) {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (event) => words.every((word) => `${event.id} ${event.trigger} ${triggerName(event.trigger)} ${standing(event)}`.toLowerCase().includes(word));
  const shown = [];
  let found = 0;
  for (let index = site.events.length - 1; index >= 0; index -= 1) {
    if (!matches(site.events[index])) continue;
    found += 1;
    if (shown.length < MOST_SHOWN) shown.push(site.events[index]);
  }
  return html`<section class="panel list" aria-label="Events of ${site.name}">
    <div class="list-head"><input type="search" placeholder="Id, trigger or state" aria-label="Search events" .value=${sought}
      @input=${(input) => { sought = input.target.value; changed(); }}><span class="muted">${found.toLocaleString("en")}</span></div>
    <ul>${repeat(shown, ({ id }) => id, (event) => html`<li><a href="#event/${event.id}" aria-current=${event.id === chosen ? "true" : nothing}>
      <span class="line"><b class=${event.cancelledAt ? "struck" : ""}>${triggerName(event.trigger)}</b>${badge(standing(event))}</span>
      <span class="line muted"><code>${short(event.id)}…${event.id.slice(-4)}</code><time>${time(event.seen)}</time></span></a></li>`)}</ul>
    ${found > shown.length ? html`<p class="muted more">The newest ${MOST_SHOWN} of ${found.toLocaleString("en")}: search for others.</p>` : nothing}
    ${found === 0 && site.events.length ? html`<p class="muted more">Nothing matches.</p>` : nothing}
  </section>`;
}

// --- The way -------------------------------------------------------------------------------------------------------

const STAGES = { "intake-eventbridge": "intake", "intake-sqs": "intake", "intake-direct": "intake", deliver: "delivery", recover: "recover", "dead-letters": "dead letters", "refresh-payload": "refresh", "app-webhooks": "webhooks" };
const WAYS = { "intake-eventbridge": "from the bus", "intake-sqs": "from the queue", "intake-direct": "by a direct call" };

function steps({ ledger, entries }, id) {
  const began = Math.min(...entries.map(({ at, seen }) => Math.min(at, seen))) - 3000;
  const ours = (ledger[0]?.timeline ?? []).map((line) => ({
    at: line.at, rank: 0, earlier: line.at < began, side: "ours", stage: "ledger", word: line.state, text: line.reason, wix: line.wixRequestId,
  }));
  return [...ours, ...entries.flatMap((entry) => stepOf(entry, id))].filter(Boolean).sort((a, b) => a.at - b.at || a.rank - b.rank);
}

function stepOf(entry, id) {
  const { what, seen } = entry;
  if (what === "note") {
    // Where the ledger has the same to tell, it tells it.
    if (entry.state && entry.log_event !== "DELIVERY_003") return [];
    const way = WAYS[entry.function] ?? "";
    return [{ at: entry.at, rank: 0, side: "ours", stage: STAGES[entry.function] ?? entry.function, word: entry.outcome ?? entry.level?.toLowerCase(), text: [way, entry.reason !== entry.outcome ? entry.reason : null].filter(Boolean).join(", ") || entry.message }];
  }
  if (what === "call") {
    const item = entry.items.find(({ externalEntityId }) => externalEntityId === id) ?? {};
    return entry.answered === null || entry.answered === undefined ? [] : [{ at: entry.at, rank: 1, side: "wix", stage: entry.route, call: entry, word: item.effect, code: item.code, wix: entry.requestId, of: entry.items.length, key: item.idempotencyKey }];
  }
  if (what === "event") return [];
  if (what === "activation") {
    const last = entry.history[entry.history.length - 1];
    return [{ at: seen, rank: 2, side: "wix", stage: "activation", word: entry.status, text: last?.reason ? spaced(last.reason) : plan(entry), clock: entry.at, warnings: entry.warnings }];
  }
  if (what === "action") return [{ at: seen, rank: 3, side: "wix", stage: "action", kind: entry.kind, word: entry.error ? "failed" : "carried out", text: entry.error ?? summary(entry), clock: entry.at }];
  return [];
}

const plan = ({ status, runsAt }) => (status === "SCHEDULED" && runsAt ? `planned for ${moment(Date.parse(runsAt))}` : "");
const summary = ({ content }) => content.subject ?? content.text ?? content.url ?? "";

function step(each) {
  const drift = each.clock && Math.abs(each.clock - each.at) > 2000;
  return html`<li class="${each.side} ${each.earlier ? "earlier" : ""}">
    <time datetime=${new Date(each.at).toISOString()}>${time(each.at, { milliseconds: true })}</time>
    <div class="what">
      <span class="stage">${each.stage}${each.earlier ? ", before this one" : ""}</span>
      ${each.call ? statusBadge(each.call.status, each.call.answered) : nothing}
      ${each.kind ? html`${icon(each.kind)} <b>${KINDS[each.kind]}</b>` : nothing}
      ${each.word ? (each.call ? html`<b>${each.word}</b>` : each.kind ? html`<span>${each.word}</span>` : badge(each.word)) : nothing}
      <span class="text">${each.text ?? ""}${each.code ? html` <code>${each.code}</code>` : nothing}${each.of > 1 ? html` <span class="muted">one of ${each.of} in this call</span>` : nothing}${each.call?.troubled ? html` <span class="badge wait">trouble switched on</span>` : nothing}</span>
      ${drift ? html`<span class="muted by-clock">by the site's clock ${moment(each.clock)}</span>` : nothing}
      ${each.warnings?.length ? html`<span class="muted by-clock">${each.warnings.map(spaced).join(", ")}</span>` : nothing}
      ${each.wix ? html`<span class="muted by-clock">request <code>${each.wix}</code></span>` : nothing}
    </div></li>`;
}

const OURS = ["intent", "version", "generation", "acknowledged generation", "open", "closed", "attempts"];

function detail(id) {
  const { told, error } = toldOf(id);
  if (error) return html`<section class="panel detail"><p class="error" role="alert">${error.message}</p></section>`;
  if (!told) return html`<section class="panel detail" aria-busy="true"></section>`;
  const row = told.ledger[0];
  const event = state.eventsById.get(id);
  if (!row && !event) return html`<section class="panel detail">${emptyState("Neither side knows this event", "It never came in, or the sandbox was restarted since then.", ["#try", "Try it"])}</section>`;
  const activations = told.entries.filter(({ what }) => what === "activation");
  const latest = [...new Map(activations.map((each) => [each.id, each])).values()];
  const calls = told.entries.filter(({ what, answered }) => what === "call" && answered !== null);
  const payload = row?.payload ?? told.entries.find(({ what }) => what === "event")?.payload;
  const trigger = row?.trigger ?? event?.trigger;
  const isScheduled = Boolean(row?.generation);
  const came = told.entries.find(({ what, outcome }) => what === "note" && outcome);
  const way = [
    ["Intake", came ? badge(came.outcome) : row ? badge("accepted") : html`<span class="muted">past it</span>`, came ? WAYS[came.function] : row ? `accepted ${time(Date.parse(row.accepted))}` : "reported to Wix by somebody else"],
    ["Ledger", row ? badge(row.state) : html`<span class="muted">no row</span>`, row?.standing],
    ["Delivery", calls.length ? html`<b>${calls.length}</b> ${calls.length === 1 ? "call" : "calls"}` : html`<span class="muted">no call yet</span>`, row?.["waits until"] ? `looks again ${time(Date.parse(row["waits until"]))}` : calls.length ? `last answered ${calls[calls.length - 1].status ?? "nothing"}` : ""],
    ["Wix", latest.length ? badge(latest[latest.length - 1].status) : event?.reportedAt ? badge("reported") : html`<span class="muted">knows nothing</span>`, latest.length ? `${latest.length} ${latest.length === 1 ? "activation" : "activations"}${latest[0].reason ? `: ${spaced(latest[0].reason)}` : ""}` : event?.reportedAt ? "starts nothing: no automation listened" : ""],
  ];
  return html`<section class="panel detail" aria-label="Event ${id}">
    <header><div><h2 class=${event?.cancelledAt ? "struck" : ""}>${triggerName(trigger)}</h2>
      <p class="id"><code>${id}</code> <button type="button" class="quiet small" @click=${(click) => copy(id, click.target)}>Copy</button></p></div>
      ${row?.entity || row?.id ? html`<div class="actions">
        ${row.entity && isScheduled ? html`<a class="button" href="#try/reschedule/${trigger}/${encodeURIComponent(row.entity)}/${id}">Reschedule</a>` : nothing}
        ${row.entity ? html`<a class="button" href="#try/cancel/${trigger}/${encodeURIComponent(row.entity)}/${id}">Cancel</a>` : nothing}</div>` : nothing}
    </header>
    <ol class="way">${way.map(([name, word, text]) => html`<li><h3>${name}</h3><p>${word}</p><p class="muted">${text}</p></li>`)}</ol>
    <div class="ladder">
      <h3 class="head ours">Our side</h3><h3 class="head wix">Wix</h3>
      <ol aria-label="What happened, in order">${steps(told, id).map(step)}</ol>
    </div>
    <div class="columns">
      <div><h3>In the ledger</h3>
        ${row ? pairs([["entity", row.entity], ["id", row.id], ...OURS.map((name) => [name, row[name]]), ["reason", row.reason], ["due", row.due && moment(Date.parse(row.due))], ["accepted", moment(Date.parse(row.accepted))], ["acknowledged", row.acknowledged && moment(Date.parse(row.acknowledged))], ["forgotten", row.forgotten && day(Date.parse(row.forgotten))]]) : html`<p class="muted">There is no row: it was not reported through the bundle.</p>`}</div>
      <div><h3>At Wix</h3>
        ${pairs([["event id", html`<code>${id}</code>`], ["idempotency key", calls.length ? html`<code>${calls.flatMap(({ items }) => items).find((item) => item.externalEntityId === id)?.idempotencyKey}</code>` : null], ["activations", latest.length ? latest.map((each) => html`<div><code>${short(each.id)}</code> ${badge(each.status)}</div>`) : null], ["reported", event?.reportedAt && moment(event.reportedAt)], ["cancelled", event?.cancelledAt && moment(event.cancelledAt)], ["duplicates ignored", event?.duplicates || null]])}</div>
      <div><h3>Payload</h3>${payload ? json(payload) : html`<p class="muted">A cancel has none.</p>`}</div>
    </div>
  </section>`;
}

export function eventView([id]) {
  const site = current();
  if (!site.events.length && !id) return html`<div class="bar"><h1>Events</h1></div><section class="panel empty-panel">${emptyState("Nothing reported yet", "This view shows the path of each event, step by step: what came in, the state in the ledger, the calls to Wix, and what Wix did.", ["#try", "Try it"])}</section>`;
  const chosen = id ?? site.events[site.events.length - 1]?.id;
  return html`<div class="bar"><h1>Events</h1></div>
    <div class="split ${id ? "has-chosen" : ""}">${list(site, chosen)}${id ? html`<a class="back" href="#event">All events</a>` : nothing}${chosen ? detail(chosen) : nothing}</div>`;
}
