import { inspect } from 'node:util';
import {
  type ClientCredentials,
  ClientCredentialsError,
  clientCredentials,
} from '@sluice/client/client-credentials';
import { NetworkError } from '@sluice/client/errors';
import { describe, expect, test } from 'vitest';

const SECRET = 's3cret+/=';

type Asked = { readonly url: string; readonly authorization: string | null; readonly body: URLSearchParams };

function setup(
  more: Partial<ClientCredentials> = {},
  answer: (count: number) => Response = (count) =>
    Response.json({ access_token: `token-${count}`, expires_in: 3_600, token_type: 'Bearer' }),
) {
  const asked: Asked[] = [];
  const world = { now: 0 };
  const token = clientCredentials(
    { tokenUrl: 'https://id.example.com/oauth2/token', clientId: 'a b', clientSecret: SECRET, ...more },
    {
      now: () => world.now,
      fetch: async (url, init) => {
        asked.push({
          url: String(url),
          authorization: new Headers(init?.headers).get('authorization'),
          body: new URLSearchParams(String(init?.body)),
        });
        return answer(asked.length);
      },
    },
  );
  return { token, asked, world };
}

describe('a service’s token', () => {
  test('is asked for by the credentials in a header, and nothing of them in the body', async () => {
    const { token, asked } = setup();
    expect(await token()).toBe('token-1');
    const [{ authorization, body } = expect.fail('nothing was asked')] = asked;
    expect(atob(authorization?.replace('Basic ', '') ?? '')).toBe('a+b:s3cret%2B%2F%3D');
    expect(Object.fromEntries(body)).toEqual({ grant_type: 'client_credentials' });
  });

  test('is asked for by the body, with scopes and an audience, where the issuer wants it so', async () => {
    const { token, asked } = setup({
      authentication: 'post',
      scopes: ['sluice/uploads.read', 'sluice/tenants'],
      audience: 'sluice-services',
    });
    await token();
    expect(asked[0]?.authorization).toBeNull();
    expect(Object.fromEntries(asked[0]?.body ?? [])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'a b',
      client_secret: SECRET,
      scope: 'sluice/uploads.read sluice/tenants',
      audience: 'sluice-services',
    });
  });

  test('is kept until a minute before its end', async () => {
    const { token, world } = setup();
    await token();
    world.now = 3_540_000 - 1;
    expect(await token()).toBe('token-1');
    world.now = 3_540_000;
    expect(await token()).toBe('token-2');
  });

  test('of less than two minutes is kept for half of them, and one without an end for minutes', async () => {
    const { token, world, asked } = setup({}, (count) =>
      Response.json({ access_token: `token-${count}`, ...(count === 1 && { expires_in: 60 }) }),
    );
    await token();
    world.now = 29_999;
    expect(await token()).toBe('token-1');
    world.now = 30_000;
    expect(await token()).toBe('token-2');
    world.now += 239_999;
    expect(await token()).toBe('token-2');
    expect(asked).toHaveLength(2);
  });

  test('is shared by calls that come at once, and replaced once the API has refused it', async () => {
    const { token, asked } = setup();
    expect(await Promise.all([token(), token(), token()])).toEqual(['token-1', 'token-1', 'token-1']);
    expect(await Promise.all([token('token-1'), token('token-1')])).toEqual(['token-2', 'token-2']);
    expect(await token('token-1')).toBe('token-2');
    expect(asked).toHaveLength(2);
  });

  test.each([
    [400, { error: 'invalid_client' }, 'invalid_client', /secret is wrong/, false],
    [400, { error: 'invalid_scope' }, 'invalid_scope', /these scopes/, false],
    [503, 'oh', 'unknown', /answered 503/, true],
    [200, {}, 'unknown', /gave no token/, false],
    [400, { error: '<script>' }, 'unknown', /answered 400/, false],
  ])('that is not given is an error that says why: %s %j', async (status, body, code, message, retryable) => {
    const { token } = setup({}, () => Response.json(body, { status }));
    const error = await token().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ClientCredentialsError);
    expect(error).toMatchObject({ status, code, retryable, message: expect.stringMatching(message) });
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  });

  test('is asked for again after a failure', async () => {
    const { token } = setup({}, (count) =>
      count === 1 ? Response.json({}, { status: 503 }) : Response.json({ access_token: 'token-2' }),
    );
    await expect(token()).rejects.toThrow(ClientCredentialsError);
    expect(await token()).toBe('token-2');
  });

  test('is no token where nothing answers', async () => {
    const token = clientCredentials(
      { tokenUrl: 'https://id.example.com/oauth2/token', clientId: 'a', clientSecret: SECRET },
      { fetch: async () => Promise.reject(new TypeError('fetch failed')) },
    );
    const error = await token().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NetworkError);
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  });
});
