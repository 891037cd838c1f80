import type { Stack } from './stack.ts';
import type { Service } from './users.ts';

type Shown = { readonly secret?: string; readonly code?: string };

/**
 * The secret of the webhook that the deployment names; undefined once it was rotated, since it is shown once.
 * By the API as anybody would ask it, with the version before the first, which rotates nothing.
 */
export async function readWebhookSecret(
  { apiUrl }: Pick<Stack, 'apiUrl'>,
  service: Service,
): Promise<string | undefined> {
  const response = await fetch(`${apiUrl}/webhooks/deployment/rotate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await tokenOf(service)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ version: 0 }),
  });
  const { secret, code } = (await response.json()) as Shown;
  if (secret !== undefined || code === 'webhook_version_wrong') return secret;
  throw new Error(`the secret of the webhook was not to be had: ${response.status} ${code}`);
}

/**
 * What a person has to know of the webhook that the deployment names: where it goes, and its secret.
 * @param hasService false where the stack takes the tokens of another issuer
 */
export function describeWebhook(url: string, secret: string | undefined, hasService: boolean): string {
  const line = (text: string) => `  Webhook  ${url}\n           ${text}\n`;
  if (secret !== undefined) return line(`secret ${secret}`);
  return hasService
    ? line('Its secret was rotated. For a new one: npx sluice webhooks rotate deployment')
    : line('To see its secret, as a service: npx sluice webhooks rotate deployment');
}

async function tokenOf({ tokenUrl, clientId, clientSecret }: Service): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await response.json()) as { readonly access_token?: string };
  if (token === undefined) throw new Error(`the service got no token: ${response.status}`);
  return token;
}
