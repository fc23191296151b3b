// Wix's own SDK, as its documentation shows it: one client for each site, and an event at a time or up to a hundred.
// It keeps nothing and checks nothing. Reads lines of JSON, as tests/bench/benchmarks/worker.py does, and times itself.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [, , modules, baseUrl, how] = process.argv;
const load = (path) => import(pathToFileURL(`${modules}/${path}`));
const { createClient, AppStrategy } = await load("@wix/sdk/build/index.js");
const activations = await load("@wix/auto_sdk_automations_activations/build/es/index.js");

// The SDK names Wix's host in its code; its tokens it fetches by what is global.
const direct = globalThis.fetch;
globalThis.fetch = (url, options) => direct(String(url).replace("https://www.wixapis.com", baseUrl), options);

const clients = new Map();
function clientOf(site) {
  if (!clients.has(site)) {
    const auth = AppStrategy({ appId: "app", appSecret: "made up", instanceId: site });
    clients.set(site, createClient({ auth, modules: { activations } }));
  }
  return clients.get(site).activations;
}

const eventOf = (request) => ({
  payload: request.payload,
  externalEntityId: request.id,
  idempotency: { key: request.id, ttlInMilliseconds: "2592000000" },
});

async function oneByOne(requests) {
  for (const request of requests) {
    await clientOf(request.instanceId).reportEvent(request.triggerKey, eventOf(request));
  }
}

async function inBulk(requests) {
  const groups = Map.groupBy(requests, (request) => `${request.instanceId} ${request.triggerKey}`);
  for (const [{ instanceId, triggerKey }, ...others] of groups.values()) {
    const group = groups.get(`${instanceId} ${triggerKey}`);
    for (let at = 0; at <= others.length; at += 100) {
      const eventsInfo = group.slice(at, at + 100).map(eventOf);
      await clientOf(instanceId).bulkReportEvent(triggerKey, eventsInfo);
    }
  }
}

process.stdout.write("ready\n");
const report = how === "bulk" ? inBulk : oneByOne;
for await (const line of createInterface({ input: process.stdin })) {
  const requests = JSON.parse(line);
  const [cpu, wall] = [process.cpuUsage(), process.hrtime.bigint()];
  await report(requests);
  const spent = process.cpuUsage(cpu);
  const step = { cpu: (spent.user + spent.system) / 1e6, wall: Number(process.hrtime.bigint() - wall) / 1e9 };
  process.stdout.write(`${JSON.stringify([step])}\n`);
}
