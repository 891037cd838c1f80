import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parsePage } from '../lib/http/parse-page.ts';
import { parseWhose } from '../lib/http/parse-whose.ts';
import { toResource } from '../lib/http/upload-resource.ts';
import { reportUnreadable } from '../lib/log/report-unreadable.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import '../policies.ts'; // the deployment's own types, by whose extensions files are served
import { entryPoint } from '../lib/entry.ts';
import { ledger } from '../lib/wiring.ts';

export function createHandler(deps: { ledger: Ledger }) {
  return httpFunction({ user: true, service: 'uploads.read' }).handler(async (event) => {
    const { caller, queryStringParameters: query } = event;
    const whose = parseWhose(query, caller);
    const { uploads, unreadable, cursor } = await deps.ledger.list({ ...whose, ...parsePage(query) });
    for (const row of unreadable) reportUnreadable(row);
    return json(200, { uploads: uploads.map((upload) => toResource(upload, caller)), cursor });
  });
}

export const handler = entryPoint(createHandler, {
  ledger,
});
