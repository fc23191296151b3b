// What a site's owner sets up, and what people get of it.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { live } from "./vendor/lit-html/directives/live.js";
import { repeat } from "./vendor/lit-html/directives/repeat.js";
import * as api from "./api.js";
import { duration, moment } from "./format.js";
import { KINDS, badge, clockBar, emptyState, icon, json, toggle } from "./parts.js";
import { changed, current, state, triggerName, triggerOf, wholeOf } from "./store.js";

const MOST_SHOWN = 30;
const UNITS = ["MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS"];
const CONTACT = ["contact.name.first", "contact.email"];

let draft = null;
let errors = [];
let trouble = "";

// --- The list ------------------------------------------------------------------------------------------------------

const futureTitle = (key) => Object.values(triggerOf(key)?.schema.properties ?? {}).find((rules) => rules.futureDate)?.title?.toLowerCase();

function when(automation) {
  const date = futureTitle(automation.triggerKey);
  const [first] = automation.actions;
  if (automation.scheduledEventOffset) return `${duration(automation.scheduledEventOffset)} before the ${date ?? "date"}`;
  if (date) return first.delay ? `${duration(first.delay)} after the ${date}` : `at the ${date}`;
  return first.delay ? `${duration(first.delay)} after it happens` : "as soon as it happens";
}

async function attempt(work) {
  trouble = "";
  try {
    await work();
  } catch (error) {
    trouble = error.message;
  }
  changed();
}

function item(site, automation) {
  const on = automation.status === "ACTIVE";
  const limit = automation.rateLimit;
  return html`<li class="automation ${on ? "" : "off"}">
    ${toggle(on, `${automation.name} is active`, () => attempt(() => api.switchAutomation(site.id, automation.id, !on)))}
    <div class="about"><h3>${automation.name}</h3>
      <p>${triggerName(automation.triggerKey)}, <b>${when(automation)}</b>${automation.filters.length ? html`, if ${automation.filters.map(({ fieldKey, values }) => html`<code>${fieldKey}</code> is ${values.join(" or ")}`)}` : nothing}${limit ? `, at most ${limit.maxActivations} times${limit.duration ? ` in ${duration(limit.duration)}` : ""}` : ""}</p>
      <p class="kinds">${automation.actions.map((action) => html`<span class="kind">${icon(action.kind)} ${KINDS[action.kind]}</span>`)}${automation.origin === "PREINSTALLED" ? html`<span class="muted">came with the app</span>` : nothing}</p></div>
    <button type="button" class="quiet small" aria-label="Delete ${automation.name}" @click=${() => attempt(() => api.deleteAutomation(site.id, automation.id))}>Delete</button>
  </li>`;
}

// --- One more ------------------------------------------------------------------------------------------------------

const placeholder = (path) => `{{var("${path}")}}`;

function texts(kind, key) {
  const names = Object.keys(triggerOf(key).schema.properties ?? {});
  const one = placeholder(names.find((name) => !name.endsWith("_id")) ?? names[0]);
  const hello = `Hello ${placeholder(CONTACT[0])}`;
  return {
    email: { to: placeholder(CONTACT[1]), subject: `${triggerName(key)}: ${one}`, body: `${hello},\n\nthis is about ${one}.` },
    "chat-message": { to: placeholder("contact.id"), text: `${hello}! May we help you with ${one}?` },
    notification: { title: triggerName(key), text: `${placeholder(CONTACT[0])}: ${one}` },
    webhook: { url: "http://127.0.0.1:9/hook" },
  }[kind];
}

function begin(key, kind = "email") {
  const scheduled = triggerOf(key).kind === "scheduled";
  draft = { name: `${KINDS[kind]}: ${triggerName(key)}`, key, kind, when: scheduled ? "before" : "now", amount: "7", unit: "DAYS", texts: texts(kind, key) };
  errors = [];
}

function written() {
  const span = { amount: Number.isInteger(Number(draft.amount)) ? Number(draft.amount) : draft.amount, unit: draft.unit };
  const action = { kind: draft.kind, ...(draft.when === "after" ? { delay: span } : {}), ...draft.texts };
  return { name: draft.name, triggerKey: draft.key, ...(draft.when === "before" ? { scheduledEventOffset: span } : {}), actions: [action] };
}

async function add(submit) {
  submit.preventDefault();
  errors = [];
  trouble = "";
  try {
    await api.addAutomation(state.site, written());
    draft = null;
  } catch (error) {
    errors = error.errors ?? [];
    trouble = errors.length ? "" : error.message;
  }
  changed();
  if (errors.length) requestAnimationFrame(() => document.querySelector(".new-automation [aria-invalid=true]")?.focus());
}

const LABELS = { to: "To", subject: "Subject", body: "Text", text: "Text", title: "Title", url: "Address, on this machine" };
const RULES = { loopback: "must be an http address of this machine", placeholder: "holds a placeholder that can't be read", minLength: "must not be empty", required: "is needed", maximum: "is more than Wix takes", minimum: "is too little", type: "must be a whole number" };
const errorAt = (...pointers) => errors.find(({ pointer }) => pointers.includes(pointer));

function input(label, name, value, set, pointers, large = false) {
  const error = errorAt(...pointers);
  const id = `new-${name}`;
  const take = (change) => {
    set(change.target.value);
    changed();
  };
  return html`<div class="field ${error ? "wrong" : ""}"><label for=${id}>${label}</label>
    ${large
      ? html`<textarea id=${id} rows="4" .value=${live(value)} aria-invalid=${error ? "true" : nothing} aria-describedby=${error ? `${id}-error` : nothing} @input=${take}></textarea>`
      : html`<input id=${id} type="text" autocomplete="off" .value=${live(value)} aria-invalid=${error ? "true" : nothing} aria-describedby=${error ? `${id}-error` : nothing} @input=${take}>`}
    ${error ? html`<p class="error" id="${id}-error">${RULES[error.rule] ?? error.rule}</p>` : nothing}</div>`;
}

function form() {
  const scheduled = triggerOf(draft.key).kind === "scheduled";
  const choices = scheduled ? [["before", "before the date"], ["now", "at the date"], ["after", "after the date"]] : [["now", "at once"], ["after", "after a delay"]];
  const again = (key, kind) => {
    begin(key, kind);
    changed();
  };
  const paths = [...Object.keys(triggerOf(draft.key).schema.properties ?? {}), ...CONTACT];
  return html`<form class="new-automation" novalidate @submit=${add}>
    <fieldset class="choice"><legend>What to do</legend>${Object.entries(KINDS).map(([kind, name]) => html`<label class=${kind === draft.kind ? "on" : ""}><input type="radio" name="kind" .checked=${live(kind === draft.kind)} @change=${() => again(draft.key, kind)}>${icon(kind)}${name}</label>`)}</fieldset>
    <div class="fields">
      <div class="field"><label for="new-trigger">Trigger</label><select id="new-trigger" .value=${live(draft.key)} @change=${(change) => again(change.target.value, draft.kind)}>${state.scene.triggers.map(({ key, name }) => html`<option value=${key} ?selected=${key === draft.key}>${name}</option>`)}</select></div>
      <div class="field"><label for="new-when">When</label><select id="new-when" .value=${live(draft.when)} @change=${(change) => { draft.when = change.target.value; changed(); }}>${choices.map(([value, label]) => html`<option value=${value} ?selected=${value === draft.when}>${label}</option>`)}</select></div>
      ${draft.when === "now" ? nothing : html`<div class="amount">${input("How long", "amount", draft.amount, (text) => (draft.amount = text), ["/scheduledEventOffset/amount", "/actions/0/delay/amount"])}
        <div class="field"><label for="new-unit">Unit</label><select id="new-unit" .value=${live(draft.unit)} @change=${(change) => { draft.unit = change.target.value; changed(); }}>${UNITS.map((unit) => html`<option value=${unit} ?selected=${unit === draft.unit}>${unit.toLowerCase()}</option>`)}</select></div></div>`}
      ${input("Name", "name", draft.name, (text) => (draft.name = text), ["/name"])}
      ${Object.entries(draft.texts).map(([name, value]) => input(LABELS[name], name, value, (text) => (draft.texts[name] = text), [`/actions/0/${name}`], name === "body"))}
    </div>
    <p class="muted">Placeholders: ${paths.map((path) => html`<code>${placeholder(path)}</code> `)}</p>
    ${errors.length && !document.querySelector(".new-automation [aria-invalid=true]") ? html`<p class="error" role="alert">${errors.map(({ pointer, rule }) => `${pointer || "/"} ${rule}`).join("; ")}</p>` : nothing}
    <div class="send"><button type="submit" class="primary">Add</button><button type="button" @click=${() => { draft = null; changed(); }}>Never mind</button></div>
  </form>`;
}

// --- What people got ---------------------------------------------------------------------------------------------------

const MESSAGES = {
  email: ({ to, subject, body }) => html`<div class="email"><p class="line"><span class="muted">To</span> <b>${to || "no address"}</b></p><h4>${subject}</h4><div class="letter">${body}</div></div>`,
  "chat-message": ({ to, text }) => html`<p class="muted">to <code>${to || "no address"}</code></p><div class="bubble">${text}</div>`,
  notification: ({ to, title, text }) => html`<div class="toast">${icon("notification")}<div><h4>${title}</h4><p>${text}</p><p class="muted">to ${[to].flat().join(", ")}</p></div></div>`,
  webhook: ({ url, body }) => html`<p class="line"><code>POST ${url}</code></p>${json(body)}`,
};

function message(site, action) {
  const whole = wholeOf(action.number);
  const automation = site.automations.get(action.automation);
  return html`<li class="message ${action.kind}"><header>${icon(action.kind)}<b>${KINDS[action.kind]}</b>${action.error ? badge("failed") : nothing}<time class="muted">${moment(action.at)}</time></header>
    ${whole ? (MESSAGES[action.kind] ?? json)(whole.content) : html`<div class="loading"></div>`}
    ${action.error ? html`<p class="error">${action.error}</p>` : whole?.answered ? html`<p class="muted">answered ${whole.answered}</p>` : nothing}
    <footer class="muted">${automation?.name ?? "an automation that is gone"}${action.event ? html`, <a href="#event/${action.event.id}">its event</a>` : nothing}</footer></li>`;
}

export function automationsView() {
  const site = current();
  const all = [...site.automations.values()];
  const shown = site.actions.slice(-MOST_SHOWN).reverse();
  return html`<div class="bar"><h1>Automations</h1>${clockBar()}</div>
    <div class="split even">
      <section class="panel" aria-label="Automations of ${site.name}">
        <div class="line head"><h2>Set up by the owner</h2>${draft ? nothing : html`<button type="button" class="primary" @click=${() => { begin(state.scene.triggers[0].key); changed(); }}>Add an automation</button>`}</div>
        ${trouble ? html`<p class="error" role="alert">${trouble}</p>` : nothing}
        ${draft ? form() : nothing}
        ${all.length ? html`<ul class="automations">${repeat(all, ({ id }) => id, (each) => item(site, each))}</ul>` : draft ? nothing : emptyState("No automation listens", "Wix accepts events all the same, but starts nothing. Add an automation, and report again: automations are not retroactive.")}
      </section>
      <section class="panel" aria-label="What people got">
        <div class="line head"><h2>What people got</h2><span class="muted">${site.actions.length ? `${site.actions.length.toLocaleString("en")}, newest first` : ""}</span></div>
        ${shown.length ? html`<ul class="messages" aria-live="polite">${repeat(shown, ({ number }) => number, (each) => message(site, each))}</ul>` : emptyState("Nothing was sent yet", "Emails, chat messages, notifications and webhook calls appear here as their readers see them, when they are due by the site's clock.", ["#try", "Try it"])}
      </section>
    </div>`;
}
