// GET and HEAD /files/{id}/{name}?inline=: the address that stays, of a file that anyone may read. It leads
// to a signed one.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { entryPoint } from '../lib/entry.ts';
import { openFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { namesIn } from '../lib/http/path-names.ts';
import { tell } from '../lib/log/deeds.ts';
import { tally } from '../lib/log/tally.ts';
import { toWho } from '../lib/log/who.ts';
import type { AddressDeps } from '../lib/upload/address.ts';
import { openFile } from '../lib/upload/download.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import { ledger } from '../lib/wiring/ledger.ts';
import { downloadSigner, ready } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

export function createHandler(deps: AddressDeps & { ready: () => Promise<void>; ledger: Ledger }) {
  return openFunction<APIGatewayProxyEventV2>()
    .use(keysAtHand(deps.ready))
    .handler(async (event) => {
      const { pathParameters, queryStringParameters: query, headers, requestContext } = event;
      const isHead = requestContext.http.method === 'HEAD';
      const { id = '', name = '' } = pathParameters ?? {};
      const { upload, url, expiresAt, inline } = await openFile(
        deps,
        { id, names: namesIn(name) },
        { inline: query?.inline !== 'false', method: isHead ? 'HEAD' : 'GET' },
      );
      tell('file opened', event, { uploadId: upload.id, owner: toWho(upload) });
      tally('Downloads');
      const isJson = headers.accept?.includes('application/json') === true;
      // As for GET /uploads/{id}/download: a page cannot read where a redirect leads.
      const answer = isJson
        ? json(200, { url, expiresAt: expiresAt.toISOString(), inline }, { vary: 'accept' })
        : {
            statusCode: 302,
            headers: { location: url, vary: 'accept', 'cache-control': toCaching(expiresAt, deps.now()) },
          };
      // Nothing may take the address of a HEAD for that of a GET.
      return isHead
        ? { ...answer, headers: { ...answer.headers, 'cache-control': 'no-store' }, body: '' }
        : answer;
    });
}

/** Whoever gets the redirect from a cache has half of the address's time left, or more. */
function toCaching(expiresAt: Date, now: number): string {
  return `public, max-age=${Math.max(0, Math.floor((expiresAt.getTime() - now) / 2000))}`;
}

export const handler = entryPoint(createHandler, {
  ready,
  ledger,
  sign: downloadSigner,
  policies: () => policies,
  now: () => Date.now,
});
