// GET /usage?tenant=&owner=: what the caller has and what is left of its quotas; of a service, what those
// have whom it names.

import { entryPoint } from '../lib/entry.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parseWhose } from '../lib/http/parse-whose.ts';
import { readUsage, type UsageDeps } from '../lib/quota/usage.ts';
import { counters, quotaSettings } from '../lib/wiring/limits.ts';
import { policies } from '../policies.ts';

export function createHandler(deps: UsageDeps) {
  return httpFunction({ user: true, service: 'uploads.read' }).handler(async (event) =>
    json(200, await readUsage(deps, parseWhose(event.queryStringParameters, event.caller))),
  );
}

export const handler = entryPoint(createHandler, {
  counters,
  settings: quotaSettings,
  policies: () => policies,
});
