import { expect } from 'vitest';
import type { Service } from '../../local/users.ts';

/** A token of a service, by its client credentials. */
export async function tokenOf(
  { tokenUrl, clientId, clientSecret }: Service,
  scope?: string,
): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  return token ?? expect.fail(`no token: ${response.status}`);
}
