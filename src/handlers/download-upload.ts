// GET /uploads/{id}/download: a presigned GET for an accepted upload of the caller's own.

import { entryPoint } from '../lib/entry.ts';
import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { logger } from '../lib/log/logger.ts';
import { type DownloadSigner, downloadUpload } from '../lib/upload/download.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import { downloadSigner, ledger, ready, tenantClaim } from '../lib/wiring.ts';

type DownloadDeps = {
  ready: () => Promise<void>;
  ledger: Ledger;
  sign: DownloadSigner;
  now: () => number;
  tenantClaim: string;
};

export function createHandler(deps: DownloadDeps) {
  return httpFunction()
    .use(keysAtHand(deps.ready))
    .handler(async (event) => {
      const caller = callerOf(event, deps.tenantClaim);
      const { upload, url, expiresAt } = await downloadUpload(deps, caller, event.pathParameters?.id ?? '');
      logger.info('download granted', { uploadId: upload.id });
      // A page cannot read where a redirect leads, so that it may ask for the URL as JSON instead.
      return event.headers.accept?.includes('application/json')
        ? json(200, { url, expiresAt: expiresAt.toISOString() })
        : { statusCode: 302, headers: { location: url, 'cache-control': 'no-store' } };
    });
}

export const handler = entryPoint(createHandler, {
  ready,
  ledger,
  sign: downloadSigner,
  now: () => Date.now,
  tenantClaim,
});
