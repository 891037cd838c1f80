import type { Stack } from './stack.ts';
import type { Service } from './users.ts';

type Shown = { readonly secret?: string; readonly code?: string };

/**
 * What a person has to know of the webhook that the deployment names: where it goes, and its secret. By the
 * API as anybody would ask it, with the version before the first, which rotates nothing.
 * @param service undefined where the stack takes the tokens of another issuer, and so has none
 */
export async function describeWebhook(
  { apiUrl }: Stack,
  url: string,
  service: Service | undefined,
): Promise<string> {
  const line = (text: string) => `  Webhook  ${url}\n           ${text}\n`;
  if (service === undefined) {
    return line('To see its secret, as a service: npx sluice webhooks rotate deployment');
  }
  const response = await fetch(`${apiUrl}/webhooks/deployment/rotate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await tokenOf(service)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ version: 0 }),
  });
  const { secret, code } = (await response.json()) as Shown;
  if (secret !== undefined) return line(`secret ${secret}`);
  if (code === 'webhook_version_wrong') {
    return line('Its secret was rotated. For a new one: npx sluice webhooks rotate deployment');
  }
  throw new Error(`the secret of the webhook was not to be had: ${response.status} ${code}`);
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
