import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openShell } from './shell.ts';

const CREDENTIALS = { SLUICE_CLIENT_ID: 'service-1', SLUICE_CLIENT_SECRET: 'secret-1' };

async function setup() {
  const shell = await openShell();
  const { server, folder } = shell;
  const env = { SLUICE_ENDPOINT: server.endpoint, ...CREDENTIALS };
  return {
    ...shell,
    env,
    startStack: async (service?: object) => {
      await mkdir(join(folder, '.sluice'), { recursive: true });
      const stack = { apiUrl: server.endpoint, endpoint: server.origin, ...(service && { service }) };
      await writeFile(join(folder, '.sluice', 'stack.json'), JSON.stringify(stack));
    },
  };
}

describe('a service', () => {
  test('is who its credentials say, where the API says that they are good for a token', async () => {
    await using world = await setup();
    const { env } = world;
    expect(await world.sluice(['policies'], { env })).toMatchObject({ code: 0 });
    expect(await world.sluice(['token'], { env })).toMatchObject({ out: 'token-1\n' });
    expect(world.server.calls('POST /oauth2/token')).toHaveLength(2);
  });

  test('gets its token where it is told to, and from nobody else', async () => {
    await using world = await setup();
    const asked = { SLUICE_TOKEN_URL: `${world.server.origin}/oauth2/token` };
    expect(await world.sluice(['policies'], { env: { ...world.env, ...asked } })).toMatchObject({ code: 0 });
    const option = ['policies', '--token-url', `${world.server.origin}/oauth2/token`];
    expect(await world.sluice(option, { env: world.env })).toMatchObject({ code: 0 });
    expect(world.server.calls('GET /console/config.json')).toEqual([]);
    const wrong = await world.sluice(['policies', '--token-url', 'nowhere'], { env: world.env });
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('token URL') });
  });

  test('gets its token where the discovery document of the team’s issuer says', async () => {
    await using world = await setup();
    const { origin } = world.server;
    const issuer = createServer((request, response) => {
      const known = request.url === '/.well-known/openid-configuration';
      response.end(known ? JSON.stringify({ token_endpoint: `${origin}/oauth2/token` }) : '{}');
    });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${Object(issuer.address()).port}/`;
    try {
      for (const named of [url, origin]) {
        const body = { signIn: { kind: 'token', issuer: named } };
        world.server.fail('GET /console/config.json', { kind: 'answer', status: 200, body });
        const { code, err } = await world.sluice(['policies'], { env: world.env });
        expect(code, err).toBe(named === url ? 0 : 3);
        if (named !== url) expect(err).toContain('--token-url');
      }
    } finally {
      issuer.close();
    }
  });

  test('with a wrong secret is told so, and the secret is not', async () => {
    await using world = await setup();
    const env = { ...world.env, SLUICE_CLIENT_SECRET: 'not-this-one' };
    const { code, err, out } = await world.sluice(['policies'], { env });
    expect(code).toBe(3);
    expect(err).toContain('its secret is wrong');
    expect(err + out).not.toContain('not-this-one');
  });

  test('needs both halves of its credentials', async () => {
    await using world = await setup();
    const env = { ...world.env, SLUICE_CLIENT_SECRET: '' };
    expect(await world.sluice(['policies'], { env })).toMatchObject({
      code: 2,
      err: expect.stringContaining('SLUICE_CLIENT_ID and SLUICE_CLIENT_SECRET'),
    });
  });

  test('is not asked for where a token is given', async () => {
    await using world = await setup();
    const env = { ...world.env, SLUICE_TOKEN: 'token-1' };
    expect(await world.sluice(['policies'], { env })).toMatchObject({ code: 0 });
    expect(world.server.calls('POST /oauth2/token')).toEqual([]);
  });

  test('of the local stack is at hand by a word, and without the word nobody is it', async () => {
    await using world = await setup();
    await world.startStack({
      tokenUrl: `${world.server.origin}/oauth2/token`,
      clientId: 'service-1',
      clientSecret: 'secret-1',
    });
    expect(await world.sluice(['token', '--service'], { env: {} })).toMatchObject({
      code: 0,
      out: 'token-1\n',
    });
    expect((await world.sluice(['token'], { env: {} })).code).toBe(3);
  });

  test('that there is none of is said, with how to make one', async () => {
    await using world = await setup();
    await world.startStack();
    const { code, err } = await world.sluice(['token', '--service'], { env: {} });
    expect(code).toBe(3);
    expect(err).toContain('SLUICE_CLIENT_ID');
  });

  test('says whose uploads it lists, and whose one is to be', async () => {
    await using world = await setup();
    const { env } = world;
    await world.sluice(['list', '--owner', 'ada', '--owner-tenant', 'acme'], { env });
    expect(world.server.calls('GET /uploads')[0]?.query).toContain('tenant=acme&owner=ada');
    await writeFile(join(world.folder, 'a.txt'), 'a');
    await world.sluice(['upload', join(world.folder, 'a.txt'), '--owner', 'ada', '--owner-tenant', 'acme'], {
      env,
    });
    expect(JSON.parse(String(world.server.calls('POST /uploads')[0]?.body))).toMatchObject({
      owner: { tenant: 'acme', subject: 'ada' },
    });
    expect(await world.sluice(['upload', 'a.txt', '--owner', 'ada'], { env })).toMatchObject({ code: 2 });
  });
});
