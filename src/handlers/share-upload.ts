// PATCH /uploads/{id}: say who may read a file, by its owner or by a service.

import { entryPoint } from '../lib/entry.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parseShare } from '../lib/http/parse-readers.ts';
import { toResource } from '../lib/http/upload-resource.ts';
import { tell } from '../lib/log/deeds.ts';
import { toWho } from '../lib/log/who.ts';
import type { Policies } from '../lib/upload/policy.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import { shareUpload } from '../lib/upload/readers.ts';
import { ledger } from '../lib/wiring/ledger.ts';
import { policies } from '../policies.ts';

export function createHandler(deps: { ledger: Ledger; policies: Policies; now: () => number }) {
  return httpFunction({ user: true, service: 'uploads.write' }, deps.now).handler(async (event) => {
    const { caller, pathParameters } = event;
    const { readers } = parseShare(event);
    const upload = await shareUpload(deps, caller, pathParameters?.id ?? '', readers);
    tell('readers set', event, { uploadId: upload.id, owner: toWho(upload), readers });
    return json(200, toResource(upload, caller));
  });
}

export const handler = entryPoint(createHandler, {
  ledger,
  policies: () => policies,
  now: () => Date.now,
});
