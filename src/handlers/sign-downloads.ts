// POST /downloads: addresses of up to two hundred accepted files that the caller may read, in one call.

import { entryPoint } from '../lib/entry.ts';
import { eachEntry } from '../lib/http/each-entry.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { parseDownloads } from '../lib/http/parse-readers.ts';
import { tell } from '../lib/log/deeds.ts';
import { logger } from '../lib/log/logger.ts';
import { tally } from '../lib/log/tally.ts';
import { toWho } from '../lib/log/who.ts';
import { readUploads } from '../lib/upload/access.ts';
import type { AddressDeps } from '../lib/upload/address.ts';
import { downloadReached } from '../lib/upload/download.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import { ledger } from '../lib/wiring/ledger.ts';
import { downloadSigner, ready } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

// Signing waits for nothing.
const AT_ONCE = 200;

export function createHandler(deps: AddressDeps & { ready: () => Promise<void>; ledger: Ledger }) {
  return httpFunction({ user: true, service: 'uploads.read' }, deps.now)
    .use(keysAtHand(deps.ready))
    .handler(async (event, context) => {
      const { ids, ...reading } = parseDownloads(event);
      const { requestId } = event.requestContext;
      const uploadOf = await readUploads(deps.ledger, event.caller, ids, 'download');
      const results = await eachEntry(
        { logger, requestId, remainingMs: context.getRemainingTimeInMillis, atOnce: AT_ONCE },
        ids,
        async (id, position) => {
          const upload = uploadOf(id);
          const { url, expiresAt, inline } = await downloadReached(deps, upload, reading);
          tell('download granted', event, { uploadId: id, owner: toWho(upload), position });
          tally('Downloads');
          return { status: 200, url, expiresAt: expiresAt.toISOString(), inline };
        },
      );
      return json(200, { results });
    });
}

export const handler = entryPoint(createHandler, {
  ready,
  ledger,
  sign: downloadSigner,
  policies: () => policies,
  now: () => Date.now,
});
