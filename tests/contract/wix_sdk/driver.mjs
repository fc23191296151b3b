// An app's back end on Wix's own SDK, as Wix's documentation has it. Calls come in as JSON, and how each one ended goes out.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AppStrategy, createClient } from '@wix/sdk';
import { activations } from '@wix/automations';
import * as appInstances from '@wix/auto_sdk_app-management_app-instances';

// As modules these can't be loaded by Node without a bundler; their CommonJS half can.
const { triggerProvider } = createRequire(`${process.cwd()}/`)('@wix/automations/service-plugins');

const { app, calls } = JSON.parse(readFileSync(0, 'utf8'));
const client = createClient({ auth: AppStrategy(app), modules: { activations, appInstances, triggerProvider } });

let heard;
client.appInstances.onAppInstanceInstalled((event) => { heard = { AppInstalled: event }; });
client.appInstances.onAppInstanceRemoved((event) => { heard = { AppRemoved: event }; });
client.triggerProvider.provideHandlers({ refreshPayload: (call) => call });

const methods = {
  ...client.activations,
  webhook: async (body) => { heard = undefined; await client.webhooks.process(body); return heard; },
  servicePlugin: (url, body) => client.servicePlugins.process({ url, body }),
};

async function end([method, ...values]) {
  try {
    return { value: await methods[method](...values) };
  } catch (error) {
    const { message, status, requestId, details } = error;
    return { error: { message, status, requestId, details } };
  }
}

const ends = [];
for (const call of calls) ends.push(await end(call));
process.stdout.write(JSON.stringify(ends));
