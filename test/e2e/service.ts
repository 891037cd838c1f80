import { expect, inject } from 'vitest';
import { readService } from '../../local/users.ts';

/** A token of the service that the stack has, with these scopes and no others. */
export async function serviceToken(...scopes: readonly string[]): Promise<string> {
  const { tokenUrl, clientId, clientSecret } = await readService(inject('stack'));
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: scopes.map((scope) => `sluice/${scope}`).join(' '),
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  return token ?? expect.fail(`no token: ${response.status}`);
}
