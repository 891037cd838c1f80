import type { Settings } from '@sluice/connection/settings/values';
import type { SignIn } from '@sluice/contract/sign-in';
import type { Environment } from '../settings.ts';
import { type Assets, readAssets } from './assets.ts';
import { toBucketOrigin } from './origins.ts';
import { toSecurityHeaders } from './security.ts';

/** The console as it is served: its files, and the headers that confine it. */
export type Page = { readonly assets: Assets; readonly headers: Readonly<Record<string, string>> };

/**
 * The built console for the stack that the environment describes.
 * @param folder of the built console, from where the process runs: Lambda starts a function in the folder of
 * its code, where serverless.yml packs it
 * @param buckets how clients reach the buckets
 */
export function toPage(environment: Environment, folder: string, buckets: Settings): Page {
  const [incoming, store] = [environment.text('INCOMING_BUCKET'), environment.text('STORE_BUCKET')];
  const signIn = toSignIn(environment);
  environment.check();
  const assets = readAssets(folder, { signIn });
  return {
    assets,
    headers: toSecurityHeaders(assets.page.text, {
      incoming: toBucketOrigin(buckets, incoming),
      store: environment.optional('FILES_ORIGIN') ?? toBucketOrigin(buckets, store),
      ...(signIn.kind === 'cognito' && { signIn: new URL(signIn.endpoint).origin }),
    }),
  };
}

function toSignIn(environment: Environment): SignIn {
  const clientId = environment.optional('USER_POOL_CLIENT_ID');
  if (clientId === undefined) return { kind: 'token', issuer: environment.text('JWT_ISSUER') };
  const endpoint = environment.text('USER_POOL_ENDPOINT');
  const tokenUrl = environment.text('SERVICE_TOKEN_URL');
  // A local stack is one endpoint for everything, sign-in included.
  const local = environment.connection().values.endpoint;
  return {
    kind: 'cognito',
    region: environment.text('AWS_REGION'),
    clientId,
    endpoint: local ?? endpoint,
    tokenUrl: local === undefined ? tokenUrl : `${local}/oauth2/token`,
  };
}
