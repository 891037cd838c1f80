// GET / and GET /console/{file}: the page on which people upload, with its script, its style and its configuration.

import { resolveSettings } from '@sluice/connection/settings/resolve';
import { Refusal } from '@sluice/contract/refusals';
import type { SignIn } from '@sluice/contract/sign-in';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { settleStores } from '../lib/aws/settle-stores.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { type Assets, readAssets } from '../lib/page/assets.ts';
import { toBucketOrigin } from '../lib/page/origins.ts';
import { toSecurityHeaders } from '../lib/page/security.ts';
import { environment, readOptional, readPlace, readSettings } from '../lib/settings.ts';

type ConsoleDeps = { readonly assets: Assets; readonly headers: Readonly<Record<string, string>> };

export function createHandler({ assets, headers: security }: ConsoleDeps) {
  return httpFunction<APIGatewayProxyEventV2>().handler(async ({ pathParameters, headers: asked }) => {
    const name = pathParameters?.file;
    const asset = name === undefined ? assets.page : assets.files.get(name);
    if (asset === undefined) throw new Refusal('route_not_found');
    // Always asked again, seldom sent again: after a deployment the page and its script are never of two versions.
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

const settings = readSettings('AWS_REGION', 'INCOMING_BUCKET', 'STORE_BUCKET', 'USER_POOL_ENDPOINT');
const connection = resolveSettings({ environment: environment() });
const { publicSettings } = settleStores(connection, readPlace());

function toSignIn(clientId = readOptional('USER_POOL_CLIENT_ID')): SignIn {
  return clientId === undefined
    ? { kind: 'token', issuer: readSettings('JWT_ISSUER').JWT_ISSUER }
    : {
        kind: 'cognito',
        region: settings.AWS_REGION,
        clientId,
        // A local stack is one endpoint for everything, sign-in included.
        endpoint: connection.values.endpoint ?? settings.USER_POOL_ENDPOINT,
      };
}

const signIn = toSignIn();
// Lambda starts a function in the folder of its code, and serverless.yml packs the built console there.
const assets = readAssets('dist/console', { signIn });
export const handler = createHandler({
  assets,
  headers: toSecurityHeaders(assets.page.text, {
    incoming: toBucketOrigin(publicSettings, settings.INCOMING_BUCKET),
    store: toBucketOrigin(publicSettings, settings.STORE_BUCKET),
    ...(signIn.kind === 'cognito' && { signIn: new URL(signIn.endpoint).origin }),
  }),
});
