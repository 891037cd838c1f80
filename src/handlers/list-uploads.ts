// GET /uploads?state=&limit=&cursor=: the caller's own uploads, newest first.

import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parsePage } from '../lib/http/parse-page.ts';
import { toResource } from '../lib/http/upload-resource.ts';
import { reportUnreadable } from '../lib/log/report-unreadable.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import '../policies.ts'; // the deployment's own types, by whose extensions files are served
import { entryPoint } from '../lib/entry.ts';
import { ledger, tenantClaim } from '../lib/wiring.ts';

export function createHandler(deps: { ledger: Ledger; tenantClaim: string }) {
  return httpFunction().handler(async (event) => {
    const caller = callerOf(event, deps.tenantClaim);
    const { tenant, subject } = caller;
    const page = parsePage(event.queryStringParameters);
    const { uploads, unreadable, cursor } = await deps.ledger.list({ tenant, subject, ...page });
    for (const row of unreadable) reportUnreadable(row);
    return json(200, { uploads: uploads.map(toResource), cursor });
  });
}

export const handler = entryPoint(createHandler, {
  ledger,
  tenantClaim,
});
