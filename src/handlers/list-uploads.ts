// GET /uploads?scope=&state=&reference=&limit=&cursor=: the caller's own uploads, or what the tenant shares,
// newest first; of a service, those of whom it names.

import { entryPoint } from '../lib/entry.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { isOfTenant, parsePage } from '../lib/http/parse-page.ts';
import { parseWhose } from '../lib/http/parse-whose.ts';
import { toResource } from '../lib/http/upload-resource.ts';
import { reportUnreadable } from '../lib/log/report-unreadable.ts';
import type { Policies } from '../lib/upload/policy.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import { listShared } from '../lib/upload/readers.ts';
import { ledger } from '../lib/wiring/ledger.ts';
import { policies } from '../policies.ts';

export function createHandler(deps: { ledger: Ledger; policies: Policies }) {
  return httpFunction({ user: true, service: 'uploads.read' }).handler(async (event) => {
    const { caller, queryStringParameters: query } = event;
    const whose = parseWhose(query, caller);
    const page = parsePage(query);
    const { uploads, unreadable, cursor } = await (caller.kind === 'user' && isOfTenant(query)
      ? listShared(deps, caller, page)
      : deps.ledger.list({ ...whose, ...page }));
    for (const row of unreadable) reportUnreadable(row);
    return json(200, { uploads: uploads.map((upload) => toResource(upload, caller)), cursor });
  });
}

export const handler = entryPoint(createHandler, {
  ledger,
  policies: () => policies,
});
