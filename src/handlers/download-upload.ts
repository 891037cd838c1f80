// GET /uploads/{id}/download?inline=: a signed address of an accepted file that the caller may read.

import { entryPoint } from '../lib/entry.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { tell } from '../lib/log/deeds.ts';
import { tally } from '../lib/log/tally.ts';
import { toWho } from '../lib/log/who.ts';
import type { AddressDeps } from '../lib/upload/address.ts';
import { downloadUpload } from '../lib/upload/download.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import { ledger } from '../lib/wiring/ledger.ts';
import { downloadSigner, ready } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

type DownloadDeps = AddressDeps & { ready: () => Promise<void>; ledger: Ledger };

export function createHandler(deps: DownloadDeps) {
  return httpFunction({ user: true, service: 'uploads.read' }, deps.now)
    .use(keysAtHand(deps.ready))
    .handler(async (event) => {
      const reading = { inline: event.queryStringParameters?.inline === 'true' };
      const id = event.pathParameters?.id ?? '';
      const { upload, url, expiresAt, inline } = await downloadUpload(deps, event.caller, id, reading);
      tell('download granted', event, { uploadId: upload.id, owner: toWho(upload) });
      tally('Downloads');
      // A page cannot read where a redirect leads, so that it may ask for the URL as JSON instead.
      return event.headers.accept?.includes('application/json')
        ? json(200, { url, expiresAt: expiresAt.toISOString(), inline })
        : { statusCode: 302, headers: { location: url, 'cache-control': 'no-store' } };
    });
}

export const handler = entryPoint(createHandler, {
  ready,
  ledger,
  sign: downloadSigner,
  policies: () => policies,
  now: () => Date.now,
});
