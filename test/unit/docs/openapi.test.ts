import { readFileSync } from 'node:fs';
import { SCOPES } from '@sluice/contract/caller';
import { CHECKSUM_ALGORITHMS } from '@sluice/contract/checksum';
import { REFUSALS } from '@sluice/contract/refusals';
import { STATES } from '@sluice/contract/state';
import { REJECT_REASONS } from '@sluice/contract/verdict';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type Tree = { readonly [key: string]: unknown };

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

const root = new URL('../../../', import.meta.url);

// CloudFormation's own tags (!Ref, !Sub) mean nothing here: their values are read as they stand.
function read(path: string): unknown {
  return parse(readFileSync(new URL(path, root), 'utf8'), { logLevel: 'silent' });
}

const openapi = read('docs/openapi.yaml');
const serverless = read('serverless.yml');

/**
 * What stands at a path of keys. A path that leads nowhere is a mistake of the test, or a document of another
 * shape.
 */
function at(tree: unknown, ...path: readonly string[]): unknown {
  return path.reduce((node, key) => {
    if (!isTree(node) || !(key in node)) throw new Error(`nothing at ${path.join('.')}`);
    return node[key];
  }, tree);
}

function entries(value: unknown): (readonly [string, unknown])[] {
  return isTree(value) ? Object.entries(value) : [];
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head'];

function routesOfServerless(): { route: string; open: boolean }[] {
  return entries(at(serverless, 'functions')).flatMap(([, fn]) => routesOf(fn));
}

function routesOf(fn: unknown): { route: string; open: boolean }[] {
  return (isTree(fn) && Array.isArray(fn.events) ? fn.events : [])
    .filter((event: unknown): event is Tree => isTree(event) && isTree(event.httpApi))
    .map((event) => ({
      // OpenAPI has no word for a parameter that takes all that is left of a path.
      route: `${at(event, 'httpApi', 'method')} ${at(event, 'httpApi', 'path')}`.replace('+}', '}'),
      open: !entries(event.httpApi).some(([key]) => key === 'authorizer'),
    }));
}

function operations(): { route: string; operation: unknown }[] {
  return entries(at(openapi, 'paths')).flatMap(([path, item]) =>
    entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
  );
}

function resolve(node: unknown): unknown {
  return isTree(node) && typeof node.$ref === 'string'
    ? at(openapi, ...node.$ref.replace('#/', '').split('/'))
    : node;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/**
 * Every code that a response may carry: the enums of `code`, however deep. Faults have a code of their own, a
 * const.
 */
function codesIn(node: unknown): string[] {
  return entries(node).flatMap(([key, child]) =>
    key === 'code' && isTree(child) ? strings(child.enum) : codesIn(child),
  );
}

function answers() {
  return operations().flatMap(({ route, operation }) =>
    entries(at(operation, 'responses')).map(([status, response]) => ({
      route,
      status: Number(status),
      response: resolve(response),
    })),
  );
}

function refused() {
  return answers().flatMap(({ route, status, response }) =>
    codesIn(response).map((code) => ({ route, status, code, response })),
  );
}

describe('the OpenAPI file', () => {
  test('describes exactly the routes that serverless.yml deploys', () => {
    const deployed = routesOfServerless().map(({ route }) => route);
    const described = operations().map(({ route }) => route);
    expect(deployed.length).toBeGreaterThan(0);
    expect(
      described.toSorted(),
      'the routes under `paths` in docs/openapi.yaml are those of the functions in serverless.yml',
    ).toEqual(deployed.toSorted());
  });

  test('asks for a token exactly where serverless.yml has an authorizer', () => {
    const schemesOf = (operation: unknown) =>
      entries(isTree(operation) ? operation.security : undefined).flatMap(([, one]) =>
        Object.keys(Object(one)),
      );
    const open = operations().filter(
      ({ operation }) =>
        !schemesOf(operation).some((scheme) => ['user', 'service', 'grant'].includes(scheme)),
    );
    const deployed = routesOfServerless().filter((event) => event.open);
    expect(open.map(({ route }) => route).toSorted()).toEqual(deployed.map(({ route }) => route).toSorted());
  });

  test('says who may use a route, and with which scopes, as its handler does', () => {
    const TAKEN = /\bhttpFunction\(\{ (.*?) \}/;
    const stated = entries(at(serverless, 'functions')).flatMap(([name, fn]) => {
      const takes = TAKEN.exec(readFileSync(new URL(`src/handlers/${name}.ts`, root), 'utf8'))?.[1];
      if (takes === undefined) return [];
      const kinds = ['user', 'grant'].filter((kind) => takes.includes(`${kind}: `));
      const [, scopes] = /service: (.+)$/.exec(takes) ?? [];
      const wanted = [...(scopes ?? '').matchAll(/'([a-z.]+)'/g)].map(([, scope = '']) => scope);
      const security = [
        ...kinds.map((kind) => ({ [kind]: [] })),
        ...(scopes === undefined ? [] : wanted.map((scope) => ({ service: scope === 'any' ? [] : [scope] }))),
      ];
      return routesOf(fn).map(({ route }) => ({ route, security }));
    });
    const described = operations()
      .filter(({ route }) => stated.some((one) => one.route === route))
      .map(({ route, operation }) => ({ route, security: isTree(operation) && operation.security }));
    const byRoute = (a: { route: string }, b: { route: string }) => a.route.localeCompare(b.route);
    expect(stated.length).toBeGreaterThan(8);
    expect(
      described.toSorted(byRoute),
      '`security` of each route in docs/openapi.yaml is what its handler gives to httpFunction, in that order',
    ).toEqual(stated.toSorted(byRoute));
  });

  test('has the scopes of the source', () => {
    const scopes = at(
      openapi,
      'components',
      'securitySchemes',
      'service',
      'flows',
      'clientCredentials',
      'scopes',
    );
    expect(entries(scopes).map(([scope]) => scope)).toEqual([...SCOPES]);
    const pool = at(read('infra/callers.yml'), 'Resources');
    const defined = at(pool, 'ServiceScopes', 'Properties', 'Scopes');
    expect(entries(defined).map(([, scope]) => isTree(scope) && scope.ScopeName)).toEqual([...SCOPES]);
    expect(at(pool, 'ServiceClient', 'Properties', 'AllowedOAuthScopes')).toEqual(
      SCOPES.map((scope) => `sluice/${scope}`),
    );
  });

  test('names every code of the refusal table and no other', () => {
    // What only an entry of a list can come to is no answer of a route.
    const ofEntries = codesIn(at(openapi, 'components', 'schemas', 'OutOfTime'));
    const named = new Set([...refused().map(({ code }) => code), ...ofEntries]);
    expect(
      [...named].toSorted(),
      'each code of packages/contract/src/refusals.ts is in docs/openapi.yaml, at every answer that can have it',
    ).toEqual(Object.keys(REFUSALS).toSorted());
  });

  test('names for the Uppy routes whatever POST /uploads says of a file, but for what they do not take', () => {
    const NOT_TAKEN = [
      'field_unknown',
      'checksum_invalid',
      'multipart_checksum',
      'transport_invalid',
      'readers_invalid',
      'reference_invalid',
      'readers_not_allowed', // the policy's own are always allowed
      'idempotency_key_reused',
      'owner_invalid',
      'policy_not_granted', // they name none
    ];
    const ofUploads = refused().filter(({ route, status }) => route === 'POST /uploads' && status === 422);
    const ofUppy = codesIn(at(openapi, 'components', 'responses', 'CompanionInvalid'));
    const missing = ofUploads.map(({ code }) => code).filter((code) => !ofUppy.includes(code));
    expect(
      missing.toSorted(),
      'codes of POST /uploads to add to CompanionInvalid in docs/openapi.yaml, or here if no Uppy route can answer them',
    ).toEqual(NOT_TAKEN.toSorted());
  });

  test.each(refused())('lists $code of $route under the status of the refusal table', ({ code, status }) => {
    expect(new Map<string, readonly [number, boolean, string]>(Object.entries(REFUSALS)).get(code)?.[0]).toBe(
      status,
    );
  });

  test('promises Retry-After exactly where a code can be tried again', () => {
    const retryable = (code: string) =>
      entries(REFUSALS).some(([name, row]) => name === code && Array.isArray(row) && row[1] === true);
    for (const { route, status, response } of answers()) {
      const promised = entries(response).some(
        ([key, headers]) => key === 'headers' && isTree(headers) && 'retry-after' in headers,
      );
      expect(promised, `${route} ${status}`).toBe(codesIn(response).some(retryable));
    }
  });

  test('has the enums of the source: states, reasons, algorithms', () => {
    const schema = (...path: string[]) => at(openapi, 'components', 'schemas', ...path);
    expect(schema('State', 'enum')).toEqual([...STATES]);
    expect(
      schema('RejectReason', 'enum'),
      'RejectReason in docs/openapi.yaml is packages/contract/src/verdict.ts, in its order',
    ).toEqual([...REJECT_REASONS]);
    expect(schema('Checksum', 'properties', 'algorithm', 'enum')).toEqual([...CHECKSUM_ALGORITHMS]);
  });

  test('has no reference that leads nowhere', () => {
    const references = (node: unknown): string[] =>
      entries(node).flatMap(([key, child]) =>
        key === '$ref' && typeof child === 'string' ? [child] : references(child),
      );
    const found = references(openapi);
    expect(found.length).toBeGreaterThan(0);
    for (const reference of found) expect(() => resolve({ $ref: reference }), reference).not.toThrow();
  });
});
