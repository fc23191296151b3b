// An app's back end as Wix's documentation has it, on Wix's own SDK. Calls come in as JSON, and how each one ended goes out.
import { readFileSync } from 'node:fs';
import { AppStrategy, createClient } from '@wix/sdk';
import { activations } from '@wix/automations';

const { app, calls } = JSON.parse(readFileSync(0, 'utf8'));
const client = createClient({ auth: AppStrategy(app), modules: { activations } });

async function end([method, ...values]) {
  try {
    return { value: await client.activations[method](...values) };
  } catch (error) {
    const { message, status, requestId, details } = error;
    return { error: { message, status, requestId, details } };
  }
}

const ends = [];
for (const call of calls) ends.push(await end(call));
process.stdout.write(JSON.stringify(ends));
