// What API Gateway asks the authorizer, and what serverless.yml has of it.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { createHandler } from '../../../src/handlers/authorize-call.ts';
import { createKeys, KeysUnavailable } from '../../../src/lib/caller/keys.ts';
import { createGrantReader } from '../../../src/lib/grant/read.ts';
import { createGrantTokens } from '../../../src/lib/grant/token.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { context, NOW, readEvent, variantsOf } from './world.ts';

type Route = {
  readonly method: string;
  readonly path: string;
  readonly authorizer?: { readonly name: string };
};

const stack = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent', merge: true });
const functions: Readonly<Record<string, { readonly events?: readonly { readonly httpApi?: Route }[] }>> =
  stack.functions;

afterEach(() => void vi.restoreAllMocks());

function setup({ isDown = false } = {}) {
  const lines = captureLog();
  const authorizer = createHandler({
    issuer: 'https://id.example.com/',
    audiences: { kind: 'issuer', user: 'web' },
    tenantClaim: 'sub',
    keys: createKeys({
      issuer: 'https://id.example.com/',
      address: 'https://id.example.com/jwks',
      get: async (address) => {
        if (isDown) throw new KeysUnavailable(address, 'it does not answer');
        return { keys: [] };
      },
      now: () => NOW,
      onFailure: () => {},
    }),
    readGrant: createGrantReader({
      keys: { tokens: async () => createGrantTokens(['k'.repeat(64)]) },
      grants: createMemoryGrants(),
      now: () => NOW,
    }),
    now: () => NOW,
  });
  return {
    lines,
    ask: (variant: string) => authorizer(readEvent(`authorize-call.${variant}.json`), context),
  };
}

describe('the authorizer', () => {
  const CODES = {
    garbage: 'token_invalid',
    grant: 'token_invalid',
    'not-signed-by-the-issuer': 'token_invalid',
  } as const;

  test('has a case for each of its events', () => {
    expect(Object.keys(CODES).toSorted()).toEqual(variantsOf('authorize-call').toSorted());
  });

  test.each(Object.entries(CODES))(
    'lets %s through as refused, and logs nothing of it',
    async (variant, code) => {
      const { ask, lines } = setup();
      expect(await ask(variant)).toEqual({ isAuthorized: true, context: { refused: code } });
      expect(lines).toMatchObject([{ level: 'INFO', message: 'token refused', code }]);
      const [, token = ''] = readEvent(`authorize-call.${variant}.json`).identitySource[0].split(' ');
      expect(JSON.stringify(lines)).not.toContain(token.split('.')[2] ?? 'garbage');
    },
  );

  test('fails where the keys cannot be had, so that nothing is kept, and says why once', async () => {
    const { ask, lines } = setup({ isDown: true });
    await expect(ask('not-signed-by-the-issuer')).rejects.toThrow(KeysUnavailable);
    expect(lines).toMatchObject([{ level: 'ERROR', message: 'call not authorized' }]);
  });
});

describe('the routes of serverless.yml', () => {
  const routed = Object.entries(functions).flatMap(([name, { events = [] }]) => {
    const routes = events.flatMap(({ httpApi }) => (httpApi ? [httpApi] : []));
    return routes.length === 0
      ? []
      : [{ name, routes, source: readFileSync(`src/handlers/${name}.ts`, 'utf8') }];
  });

  test('know one authorizer, which is asked with the token alone', () => {
    expect(stack.provider.httpApi.authorizers).toEqual({
      caller: {
        name: 'callers',
        type: 'request',
        functionName: 'authorize-call',
        enableSimpleResponses: true,
        payloadVersion: '2.0',
        identitySource: '$request.header.Authorization',
        resultTtlInSeconds: 300,
      },
    });
  });

  test.each(routed)(
    'of $name are closed by its handler, or open by its handler',
    ({ name, routes, source }) => {
      const closed = routes.filter(({ authorizer }) => authorizer?.name === 'caller');
      expect(routes.filter(({ authorizer }) => authorizer !== undefined)).toEqual(closed);
      const isClosing = /\bhttpFunction\(/.test(source);
      if (closed.length === routes.length) expect(isClosing, `${name} uses httpFunction`).toBe(true);
      else expect(isClosing, `${name} uses openFunction, or none of both`).toBe(false);
    },
  );

  test('that are neither all closed nor all open have a token in their paths instead', () => {
    const mixed = routed.filter(
      ({ routes }) => new Set(routes.map(({ authorizer }) => authorizer !== undefined)).size > 1,
    );
    expect(mixed.map(({ name }) => name)).toEqual(['uppy']);
    const open = mixed.flatMap(({ routes }) => routes.filter(({ authorizer }) => authorizer === undefined));
    expect(open.filter(({ path }) => !path.includes('/{token}/'))).toEqual([]);
  });

  test('are open where somebody decided so, and nowhere else', () => {
    const open = routed.flatMap(({ routes }) =>
      routes
        .filter(({ authorizer }) => authorizer === undefined)
        .map(({ method, path }) => `${method} ${path}`),
    );
    expect(open.toSorted()).toEqual([
      'DELETE /uppy/{token}/{proxy+}',
      'GET /',
      'GET /.well-known/sluice/webhook-keys',
      'GET /console/{file}',
      'GET /files/{id}/{name}',
      'GET /health',
      'GET /uppy/{token}/{proxy+}',
      'HEAD /files/{id}/{name}',
      'POST /arrivals',
      'POST /uppy/{token}/{proxy+}',
    ]);
  });
});
