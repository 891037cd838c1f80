// GET / and GET /console/{file}: the page on which people upload, with its script, its style and its
// configuration.

import { Refusal } from '@sluice/contract/refusals';
import { entryPoint } from '../lib/entry.ts';
import { openFunction } from '../lib/http/http-function.ts';
import type { Page } from '../lib/page/page.ts';
import { page } from '../lib/wiring/page.ts';

export function createHandler({ page: { assets, headers: security } }: { page: Page }) {
  return openFunction().handler(async ({ pathParameters, headers: asked }) => {
    const name = pathParameters?.file;
    const asset = name === undefined ? assets.page : assets.files.get(name);
    if (asset === undefined) throw new Refusal('route_not_found');
    // Always asked again, seldom sent again: after a deployment the page and its script are never of two
    // versions.
    const headers = {
      ...security,
      'cache-control': 'no-cache',
      etag: asset.etag,
      vary: 'accept-encoding',
    };
    if (asked['if-none-match'] === asset.etag) return { statusCode: 304, headers };
    return asked['accept-encoding']?.includes('gzip')
      ? {
          statusCode: 200,
          headers: { ...headers, 'content-type': asset.contentType, 'content-encoding': 'gzip' },
          body: asset.gzipped,
          isBase64Encoded: true,
        }
      : { statusCode: 200, headers: { ...headers, 'content-type': asset.contentType }, body: asset.text };
  });
}

export const handler = entryPoint(createHandler, { page });
