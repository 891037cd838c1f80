import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { isHere, requireIssuer } from '../../../local/issuer.ts';
import { Obstacle } from '../../../local/obstacle.ts';

const RSA = { kty: 'RSA', kid: 'one', use: 'sig', n: 'n', e: 'AQAB' };
const QUICK = { patienceMs: 300, pollMs: 10 };

type Answers = Readonly<Record<string, unknown>>;

/** An issuer on a port of its own, which answers what it is told to; `open` may come later. */
async function setup(answers: (url: string) => Answers = good) {
  const server = createServer(({ url: path = '' }, response) => {
    const answer = answers(url)[path];
    if (answer === undefined) response.writeHead(404).end('not found');
    else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  const listen = (port: number) =>
    new Promise<number>((resolve) => {
      server.listen(port, '127.0.0.1', () => resolve(Object(server.address()).port));
    });
  const close = () => new Promise((resolve) => server.close(resolve));
  const port = await listen(0);
  const url = `http://127.0.0.1:${port}`;
  const waits: string[] = [];
  return {
    url,
    waits,
    close,
    listenAgain: () => listen(port),
    requireIt: (named = url) =>
      requireIssuer({ url: named, audience: 'uploads' }, (what) => waits.push(what), QUICK),
    [Symbol.asyncDispose]: async () => {
      if (server.listening) await close();
    },
  };
}

function good(url: string): Answers {
  return {
    '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
    '/keys': { keys: [RSA, { ...RSA, kid: 'two' }] },
  };
}

function withKeys(keys: unknown) {
  return (url: string) => ({ ...good(url), '/keys': keys });
}

function withDiscovery(discovery: (url: string) => unknown) {
  return (url: string) => ({ ...good(url), '/.well-known/openid-configuration': discovery(url) });
}

describe('an issuer that is named to npm start', () => {
  test('is taken with the keys that tokens can be verified with', async () => {
    await using issuer = await setup();
    expect(await issuer.requireIt()).toBe(2);
    expect(issuer.waits).toEqual([]);
  });

  test('has to be named as it names itself, to the slash at its end', async () => {
    await using issuer = await setup();
    const refused = issuer.requireIt(`${issuer.url}/`);
    await expect(refused).rejects.toThrow(Obstacle);
    await expect(refused).rejects.toThrow(`start with --issuer ${issuer.url}\n`);
  });

  test.each([
    ['no discovery document', () => ({}), 'openid-configuration answers with 404'],
    ['a page in its place', withDiscovery(() => '<!doctype html>'), 'something else than a JSON object'],
    ['no name of its own', withDiscovery((url) => ({ jwks_uri: `${url}/keys` })), 'names no issuer'],
    ['no address of its keys', withDiscovery((url) => ({ issuer: url })), 'names no jwks_uri'],
    ['no keys', withKeys({ keys: [] }), 'has no key'],
    ['a list in place of a set of keys', withKeys([RSA]), 'has no key'],
    ['shared secrets alone', withKeys({ keys: [{ kty: 'oct', kid: 'one', k: 'aaaa' }] }), 'a public key'],
    ['keys without a kid', withKeys({ keys: [{ ...RSA, kid: undefined }] }), 'has no key'],
    ['keys to encrypt with', withKeys({ keys: [{ ...RSA, use: 'enc' }] }), 'has no key'],
  ])('is refused with %s', async (_, answers, message) => {
    await using issuer = await setup(answers);
    const refused = issuer.requireIt();
    await expect(refused).rejects.toThrow(Obstacle);
    await expect(refused).rejects.toThrow(message);
  });

  test('is waited for while nobody listens on this machine, since both may be started at once', async () => {
    await using issuer = await setup();
    await issuer.close();
    const found = issuer.requireIt();
    await expect.poll(() => issuer.waits).toEqual([`nothing answers at ${issuer.url} yet`]);
    await issuer.listenAgain();
    expect(await found).toBe(2);
  });

  test('is given up when nobody comes, and the message says whom to start', async () => {
    await using issuer = await setup();
    await issuer.close();
    const refused = issuer.requireIt();
    await expect(refused).rejects.toThrow('nobody listens there');
    await expect(refused).rejects.toThrow('Start the backend that serves it');
  });

  test.each([
    ['http://localhost:3000', true],
    ['http://127.0.0.1:3000/realm', true],
    ['http://[::1]:3000', true],
    ['https://login.example.com', false],
    ['https://localhost.example.com', false],
  ])('at %s is on this machine: %s', (address, expected) => {
    expect(isHere(address)).toBe(expected);
  });
});
