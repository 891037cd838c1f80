// GET /policies: what a client may send, so that a page can tell before it uploads.

import { allOwnTypes } from '@sluice/contract/own-types';
import { SINGLE_UPLOAD_MAX_BYTES } from '@sluice/contract/part-plan';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import type { Policies } from '../lib/upload/policy.ts';
import { policies } from '../policies.ts';

export function createHandler({ policies: inForce }: { policies: Policies }) {
  return httpFunction({ user: true, grant: 'by-token', service: 'any' }).handler(async () =>
    json(200, {
      policies: Object.entries(inForce).map(([name, policy]) => ({ name, ...policy })),
      singleUploadMaxBytes: SINGLE_UPLOAD_MAX_BYTES,
      ownTypes: allOwnTypes().map(([type, { extensions }]) => ({ type, extensions })),
    }),
  );
}

export const handler = createHandler({ policies });
