// Try a trigger: a form made from its schema, filled with its examples; what is wrong is said at the field.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { live } from "./vendor/lit-html/directives/live.js";
import * as api from "./api.js";
import { DAY, rfc3339 } from "./format.js";
import { badge, copy, emptyState } from "./parts.js";
import { changed, current, now, onNote, state, triggerOf } from "./store.js";

const ACTIONS = { report: "Report", reschedule: "Reschedule", cancel: "Cancel" };
const WAYS = { direct: ["Direct call", "answers at once"], queue: ["Queue", "InboxQueue"], bus: ["Bus", "EventBridge"] };
const LATER = 8 * DAY;

let draft = null;
let sent = null; // {request, way, sourceId, result, events, sending, error}
const used = new Map(); // by trigger: the requests that were sent from here, the newest last

// --- The draft -----------------------------------------------------------------------------------------------------

const properties = (trigger) => Object.entries(trigger.schema.properties ?? {});
const futureKey = (trigger) => properties(trigger).find(([, rules]) => rules.futureDate)?.[0];

/** The first example of every property; a date that has to lie ahead, by the site's clock, does. */
function examples(trigger) {
  const payload = {};
  for (const [name, rules] of properties(trigger)) {
    const example = rules.examples?.[0];
    payload[name] = rules.futureDate ? rfc3339(now() + LATER) : toText(rules, example);
  }
  return payload;
}

function toText(rules, value) {
  if (rules.type === "object") return Object.fromEntries(Object.entries(rules.properties ?? {}).map(([name, inner]) => [name, toText(inner, value?.[name])]));
  if (rules.type === "array") return (value ?? []).map((item) => toText(rules.items, item));
  return value === undefined || value === null ? "" : String(value);
}

/** What was typed, as JSON: a number where one is asked for, if it is one; empty fields are left out. */
function toValue(rules, text) {
  if (rules.type === "object") return orNothing(Object.entries(rules.properties ?? {}), text);
  if (rules.type === "array") return text.length ? text.map((item) => toValue(rules.items, item) ?? {}) : undefined;
  if (text === "") return undefined;
  if (rules.type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (rules.type === "number" || rules.type === "integer") return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  return text;
}

function orNothing(members, texts) {
  const value = {};
  for (const [name, rules] of members) {
    const member = toValue(rules, texts?.[name] ?? "");
    if (member !== undefined) value[name] = member;
  }
  return Object.keys(value).length ? value : undefined;
}

const asksVersion = ({ action, entityId }, trigger) => action !== "report" || trigger.kind === "scheduled" || entityId !== "";
const firstVersion = (trigger) => (trigger.version === "integer" ? "1" : new Date().toISOString());

function nextVersion(trigger, version) {
  return trigger.version === "integer" ? String((Number(version) || 0) + 1) : new Date().toISOString();
}

let counter = 0;
const fresh = (trigger) => `${trigger.key.replaceAll("_", "-")}-${Date.now().toString(36)}${(counter += 1)}`;

function begin(key, action = "report", entity = null) {
  const trigger = triggerOf(key);
  const known = used.get(key)?.findLast((each) => entity === null || each.entityId === entity);
  draft = {
    key,
    action,
    way: draft?.way ?? "direct",
    entityId: entity ?? (action === "report" ? (trigger.kind === "scheduled" ? fresh(trigger) : "") : (known?.entityId ?? "")),
    id: fresh(trigger),
    version: action === "report" ? firstVersion(trigger) : nextVersion(trigger, known?.version),
    payload: examples(trigger),
  };
  if (action === "reschedule" && known?.payload) fill(trigger, known.payload);
}

function fill(trigger, payload) {
  for (const [name, rules] of properties(trigger)) draft.payload[name] = toText(rules, payload[name]);
  const date = futureKey(trigger);
  if (date && payload[date]) draft.payload[date] = rfc3339(Date.parse(payload[date]) + DAY);
}

/** From an event's page: its entity, one version on, with what the ledger has of it. */
async function beginFrom(action, key, entity, event) {
  begin(key, action, entity);
  draft.from = event;
  sent = null;
  const { ledger } = await api.event(event).catch(() => ({ ledger: [] }));
  const row = ledger[0];
  if (!row || draft.from !== event) return;
  const trigger = triggerOf(key);
  draft.version = nextVersion(trigger, row.version);
  if (row.payload) fill(trigger, row.payload);
  changed();
}

export function request() {
  const trigger = triggerOf(draft.key);
  const { action, entityId, id, version } = draft;
  const made = { action: action === "cancel" ? "cancel" : "report", triggerKey: draft.key, instanceId: state.site };
  if (entityId) made.entityId = entityId;
  if (asksVersion(draft, trigger) && version !== "") made.version = trigger.version === "integer" && /^-?\d+$/.test(version) ? Number(version) : version;
  if (id) made.id = id;
  if (action !== "cancel") made.payload = orNothing(properties(trigger), draft.payload) ?? {};
  return made;
}

// --- Sending -------------------------------------------------------------------------------------------------------

async function send(submit) {
  submit.preventDefault();
  const made = request();
  const mine = { request: made, way: draft.way, sending: true, events: [], errors: [], asking: false, at: Date.now() };
  sent = mine;
  changed();
  try {
    const { sourceId, result } = await api.send(mine.way, made);
    Object.assign(mine, { sourceId, result, errors: result?.errors ?? [] });
    if (result?.eventId) mine.events = [{ event: result.eventId, state: result.state }];
    if (!mine.errors.length) remember(made);
    refusals.filter(({ source_id }) => source_id && source_id === sourceId).forEach(refused);
  } catch (error) {
    mine.failure = error.message;
  }
  mine.sending = false;
  changed();
  if (mine.errors.length) focusFirst();
}

function remember(made) {
  const list = used.get(made.triggerKey) ?? [];
  used.set(made.triggerKey, [...list, made].slice(-20));
}

const refusals = [];

/** What came by bus or queue is refused in a log line, which names the message by AWS's id of it. */
function refused(note) {
  sent.errors = (note.violations ?? []).map(({ pointer, rule }) => ({ pointer: pointer.replace(/^\/detail/, ""), rule, message: "" }));
  changed();
  focusFirst();
}

onNote((note) => {
  if (note.log_event !== "INTAKE_002" || !note.source_id) return;
  refusals.push(note);
  if (refusals.length > 50) refusals.shift();
  if (sent?.sourceId && note.source_id === sent.sourceId) refused(note);
});

/** Look for what came of it in the ledger, at each news of the stream, until it is there. */
function follow() {
  if (!sent?.sourceId || sent.events.length || sent.errors.length || sent.asking) return;
  if (sent.askedAt && Date.now() - sent.askedAt < 300) return;
  const mine = sent;
  Object.assign(mine, { asking: true, askedAt: Date.now() });
  const { instanceId: site, triggerKey: trigger, entityId: entity, id, action, version } = mine.request;
  const asked = { site, trigger, ...(entity ? { entity } : {}), ...(id && action === "report" ? { id } : {}) };
  const isIt = (row) => version === undefined || String(row.version) === String(version) || Date.parse(row.version) === Date.parse(version);
  api.found(asked).then(
    ({ ledger }) => Object.assign(mine, { events: ledger.filter(isIt), asking: false }),
    () => Object.assign(mine, { asking: false }),
  ).then(() => mine.events.length && (remember(mine.request), changed()));
}

const focusFirst = () => requestAnimationFrame(() => document.querySelector(".try [aria-invalid=true]")?.focus());

// --- The form ------------------------------------------------------------------------------------------------------

const MESSAGES = {
  required: "is needed",
  type: "has another type than the schema asks for",
  format: "is not in the form that the schema asks for",
  "version-kind": "is of another kind than the trigger's versions",
};
const errorsAt = (pointer) => (sent && !sent.sending ? sent.errors.filter((error) => error.pointer === pointer) : []);
const say = ({ message, rule }) => message || MESSAGES[rule] || `breaks the rule “${rule}”`;
const idOf = (pointer) => `field${pointer.replaceAll("/", "-")}`;

function field({ pointer, label, needed, hint, value, set, options, mode }) {
  const errors = errorsAt(pointer);
  const id = idOf(pointer);
  const about = [hint ? `${id}-hint` : "", errors.length ? `${id}-error` : ""].filter(Boolean).join(" ");
  const input = (change) => {
    set(change.target.value);
    changed();
  };
  const invalid = errors.length ? "true" : nothing;
  return html`<div class="field ${errors.length ? "wrong" : ""}">
    <label for=${id}>${label}${needed ? html`<span class="needed" aria-hidden="true"> needed</span>` : nothing}</label>
    ${options
      ? html`<select id=${id} data-pointer=${pointer} aria-invalid=${invalid} aria-describedby=${about || nothing} .value=${live(value)} @change=${input}>
          ${options.map((each) => html`<option value=${each} ?selected=${each === value}>${each || "left out"}</option>`)}</select>`
      : html`<input id=${id} data-pointer=${pointer} type="text" inputmode=${mode ?? nothing} autocomplete="off" spellcheck="false" aria-invalid=${invalid} aria-describedby=${about || nothing} .value=${live(value)} @input=${input}>`}
    ${hint ? html`<small id="${id}-hint" class="muted">${hint}</small>` : nothing}
    ${errors.length ? html`<p id="${id}-error" class="error">${errors.map((error) => html`${say(error)} <code>${error.rule}</code>`)}</p>` : nothing}
  </div>`;
}

function control(rules, name, pointer, needed, holder) {
  const label = rules.title ?? name;
  if (rules.type === "object") {
    const errors = errorsAt(pointer);
    return html`<fieldset class=${errors.length ? "wrong" : ""}><legend>${label}${needed ? html`<span class="needed"> needed</span>` : nothing}</legend>
      ${errors.map((error) => html`<p class="error">${say(error)} <code>${error.rule}</code></p>`)}
      <div class="fields">${members(rules, pointer, holder[name])}</div></fieldset>`;
  }
  if (rules.type === "array") return many(rules, label, name, pointer, holder);
  const hint = [rules.format ?? (rules.type === "string" ? "" : rules.type), rules.identityType ? `a ${rules.identityType} of the site` : ""].filter(Boolean).join(", ");
  const numeric = ["number", "integer"].includes(rules.type);
  return html`${field({ pointer, label, needed, hint, mode: numeric ? "decimal" : undefined, value: holder[name], set: (text) => (holder[name] = text), options: rules.type === "boolean" ? ["", "true", "false"] : null })}
    ${rules.futureDate ? ahead(holder, name) : nothing}`;
}

function ahead(holder, name) {
  const set = (days) => () => {
    holder[name] = rfc3339(now() + days * DAY);
    changed();
  };
  return html`<div class="quick" role="group" aria-label="Set the date">${[["in 2 h", 1 / 12], ["in 8 days", 8], ["in 30 days", 30], ["yesterday", -1]].map(([label, days]) => html`<button type="button" class="small" @click=${set(days)}>${label}</button>`)}</div>`;
}

function many(rules, label, name, pointer, holder) {
  const items = holder[name];
  const errors = errorsAt(pointer);
  return html`<fieldset class=${errors.length ? "wrong" : ""}><legend>${label}</legend>
    ${errors.map((error) => html`<p class="error">${say(error)} <code>${error.rule}</code></p>`)}
    ${items.map((item, index) => html`<div class="item"><div class="fields">${members(rules.items, `${pointer}/${index}`, item)}</div>
      <button type="button" class="quiet small" aria-label="Remove ${label} ${index + 1}" @click=${() => { items.splice(index, 1); changed(); }}>Remove</button></div>`)}
    <button type="button" class="small" @click=${() => { items.push(toText(rules.items, {})); changed(); }}>Add to ${label.toLowerCase()}</button></fieldset>`;
}

const members = (rules, pointer, holder) =>
  Object.entries(rules.properties ?? {}).map(([name, inner]) => control(inner, name, `${pointer}/${name}`, (rules.required ?? []).includes(name), holder));

function choice(legend, name, choices, value, choose) {
  return html`<fieldset class="choice"><legend>${legend}</legend>${Object.entries(choices).map(([each, label]) => {
    const [text, small] = [label].flat();
    return html`<label class=${each === value ? "on" : ""}><input type="radio" name=${name} value=${each} .checked=${live(each === value)} @change=${() => { choose(each); changed(); }}>${text}${small ? html`<small class="muted">${small}</small>` : nothing}</label>`;
  })}</fieldset>`;
}

// --- What came of it -----------------------------------------------------------------------------------------------

function outcome() {
  if (!sent) return emptyState("Nothing sent from here yet", "Send the form as it is: every field holds an example. Then empty a required field, and see the error that a producer gets.");
  const { way, sending, failure, result, sourceId, errors, events } = sent;
  if (failure) return html`<p class="error" role="alert">It could not be sent: ${failure}</p>`;
  const shown = new Set([...document.querySelectorAll(".try [data-pointer]")].map(({ dataset }) => dataset.pointer));
  const elsewhere = errors.filter(({ pointer }) => !shown.has(pointer));
  return html`
    <p class="line">${sending ? badge("sending", "wait") : errors.length ? badge("invalid") : result ? badge(result.outcome) : events.length ? badge("taken", "good") : badge("on its way", "wait")}
      <span>${sending ? "" : errors.length ? `${errors.length} ${errors.length === 1 ? "rule is" : "rules are"} broken; nothing has changed` : result ? result.reason : events.length ? `through the ${way}` : "sent; intake has not taken it yet"}</span></p>
    ${sourceId ? html`<p class="muted">AWS calls the message <code>${sourceId}</code></p>` : nothing}
    ${errors.length ? html`<ul class="faults">${errors.map((error) => html`<li><a href="#" @click=${(click) => { click.preventDefault(); document.querySelector(`[data-pointer="${CSS.escape(error.pointer)}"]`)?.focus(); }}><code>${error.pointer || "/"}</code></a> ${say(error)} <code>${error.rule}</code></li>`)}</ul>` : nothing}
    ${elsewhere.length ? html`<p class="muted">${elsewhere.length} of them ${elsewhere.length === 1 ? "has" : "have"} no field here.</p>` : nothing}
    ${events.map(({ event }) => html`<p><a class="button primary" href="#event/${event}">Follow it</a> <code class="muted">${event}</code></p>`)}`;
}

export function tryView([action, key, entity, event] = []) {
  if (event && draft?.from !== event + action) beginFrom(action, key, entity, event).then(changed), (draft.from = event + action);
  if (!draft) begin(state.scene.triggers[0].key);
  follow();
  const trigger = triggerOf(draft.key);
  const choices = trigger.kind === "scheduled" ? ACTIONS : { report: ACTIONS.report, cancel: ACTIONS.cancel };
  const made = request();
  const code = JSON.stringify(made, null, 2);
  const top = (name, label, hint, needed) =>
    field({ pointer: `/${name}`, label, hint, needed, value: draft[name], set: (text) => (draft[name] = text) });
  const restart = (next) => {
    begin(next.key ?? draft.key, next.action ?? "report");
    sent = null;
  };
  return html`<div class="bar"><h1>Try it</h1></div>
    <div class="try-split">
      <form class="panel try" novalidate @submit=${send}>
        <div class="field"><label for="trigger">Trigger</label>
          <select id="trigger" .value=${live(draft.key)} @change=${(change) => { restart({ key: change.target.value }); changed(); }}>
            ${state.scene.triggers.map((each) => html`<option value=${each.key} ?selected=${each.key === draft.key}>${each.name}, ${each.kind === "scheduled" ? "scheduled" : "real-time"}</option>`)}</select></div>
        ${choice("What to ask for", "action", choices, draft.action, (each) => restart({ action: each }))}
        <div class="fields">
          ${trigger.kind === "scheduled" || draft.action === "cancel" || draft.entityId ? top("entityId", "Entity", "your own id of the business object", trigger.kind === "scheduled" || draft.action === "cancel") : top("entityId", "Entity", "optional: with one, the event can be cancelled", false)}
          ${asksVersion(draft, trigger) ? top("version", "Version", `${trigger.version === "integer" ? "an integer" : "a time"}; the newest wins`, true) : nothing}
          ${top("id", "Id", "tells this request from every other", draft.action === "report" && trigger.kind === "realtime")}
        </div>
        ${draft.action === "cancel" ? nothing : html`<h2>Payload</h2><div class="fields payload">${members(trigger.schema, "/payload", draft.payload)}</div>`}
        <div class="send">
          ${choice("By", "way", WAYS, draft.way, (each) => (draft.way = each))}
          <button type="submit" class="primary" ?disabled=${sent?.sending}>${ACTIONS[draft.action]}</button>
        </div>
      </form>
      <div class="aside">
        <section class="panel came" aria-live="polite" aria-label="What came of it"><h2>What came of it</h2>${outcome()}</section>
        <section class="panel"><div class="line"><h2>What is sent</h2><button type="button" class="quiet small" @click=${(click) => copy(code, click.target)}>Copy</button></div>
          <pre class="json" tabindex="0" role="region" aria-label="The request as JSON">${code}</pre></section>
      </div>
    </div>`;
}
