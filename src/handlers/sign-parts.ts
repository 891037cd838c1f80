// POST /uploads/{id}/parts: sign parts of a multipart upload, the named ones or all of them at once.

import { Refusal } from '@sluice/contract/refusals';
import { entryPoint } from '../lib/entry.ts';
import { endOf } from '../lib/grant/read.ts';
import type { WithGrants } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { parseParts } from '../lib/http/parse-parts.ts';
import { readOpenMultipart } from '../lib/upload/multipart.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import { type SignPartsDeps, signAllParts, signParts } from '../lib/upload/sign-parts.ts';
import { grants } from '../lib/wiring/grants.ts';
import { ledger } from '../lib/wiring/ledger.ts';
import { partSigner, ready } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

export function createHandler(
  deps: SignPartsDeps & WithGrants & { ready: () => Promise<void>; ledger: Ledger },
) {
  return httpFunction({ user: true, grant: deps.grants, service: 'uploads.write' }, deps.now)
    .use(keysAtHand(deps.ready))
    .handler(async (event) => {
      const { format = 'urls', parts } = parseParts(event);
      const upload = await readOpenMultipart(deps.ledger, event.caller, event.pathParameters?.id ?? '');
      if (format === 'compact') {
        const { expiresAt, ...compact } = signAllParts(deps, upload, endOf(event.caller));
        return json(200, { ...compact, expiresAt: expiresAt.toISOString() });
      }
      if (parts === undefined) throw new Refusal('field_missing', { field: 'parts' });
      const signed = signParts(deps, upload, parts, endOf(event.caller));
      return json(200, { parts: signed.parts, expiresAt: signed.expiresAt.toISOString() });
    });
}

export const handler = entryPoint(createHandler, {
  ready,
  grants,
  ledger,
  sign: partSigner,
  policies: () => policies,
  now: () => Date.now,
});
