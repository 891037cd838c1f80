import type { SignIn } from '@sluice/contract/sign-in';
import { settleStores } from '../aws/settle-stores.ts';
import type { Environment } from '../settings.ts';
import { type Assets, readAssets } from './assets.ts';
import { toBucketOrigin } from './origins.ts';
import { toSecurityHeaders } from './security.ts';

/** The console as it is served: its files, and the headers that confine it. */
export type Page = { readonly assets: Assets; readonly headers: Readonly<Record<string, string>> };

/**
 * The built console for the stack that the environment describes.
 * @param folder of the built console, from where the process runs: Lambda starts a function in the folder of its code, where
 * serverless.yml packs it
 */
export function toPage(environment: Environment, folder: string): Page {
  const [incoming, store] = [environment.text('INCOMING_BUCKET'), environment.text('STORE_BUCKET')];
  const signIn = toSignIn(environment);
  environment.check();
  const assets = readAssets(folder, { signIn });
  const { publicSettings } = settleStores(environment);
  return {
    assets,
    headers: toSecurityHeaders(assets.page.text, {
      incoming: toBucketOrigin(publicSettings, incoming),
      store: toBucketOrigin(publicSettings, store),
      ...(signIn.kind === 'cognito' && { signIn: new URL(signIn.endpoint).origin }),
    }),
  };
}

function toSignIn(environment: Environment): SignIn {
  const clientId = environment.optional('USER_POOL_CLIENT_ID');
  if (clientId === undefined) return { kind: 'token', issuer: environment.text('JWT_ISSUER') };
  const endpoint = environment.text('USER_POOL_ENDPOINT');
  return {
    kind: 'cognito',
    region: environment.text('AWS_REGION'),
    clientId,
    // A local stack is one endpoint for everything, sign-in included.
    endpoint: environment.connection().values.endpoint ?? endpoint,
  };
}
