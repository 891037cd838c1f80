// What stands in events/: one event for each function, source and variant, as AWS would send it.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FIXTURES, ID, readEvent, variantsOf } from './world.ts';

type Route = { method: string; path: string; authorizer?: object };
const functions: Record<string, { events?: { httpApi?: Route }[] }> = parse(
  readFileSync('serverless.yml', 'utf8'),
  { logLevel: 'error' },
).functions;

function routesOf(fn: string): Map<string, Route> {
  return new Map(
    functions[fn]?.events?.flatMap(({ httpApi }) =>
      httpApi ? [[`${httpApi.method} ${httpApi.path}`, httpApi] as const] : [],
    ),
  );
}

describe('event fixtures', () => {
  test('are each named after a function, and leave no function without one', () => {
    const named = new Set(FIXTURES.map((name) => name.split('.')[0]));
    expect(
      [...named].toSorted(),
      'events/ has <function>.<variant>.json for each function of serverless.yml, and for no other',
    ).toEqual(Object.keys(functions).toSorted());
  });

  test('cover every route, as API Gateway would route and authorise it', () => {
    for (const fn of Object.keys(functions)) {
      const routes = routesOf(fn);
      if (routes.size === 0) continue;
      const events = variantsOf(fn).map((variant) => readEvent(`${fn}.${variant}.json`));
      expect(
        new Set(events.map(({ routeKey }) => routeKey)),
        `events/${fn}.*.json have, as routeKey, each route of ${fn} in serverless.yml`,
      ).toEqual(new Set(routes.keys()));
      for (const { routeKey, requestContext } of events) {
        expect('authorizer' in requestContext, `${routeKey} in events/ has an authorizer, as its route`).toBe(
          routes.get(routeKey)?.authorizer !== undefined,
        );
      }
    }
  });

  test('are of one upload, wherever they name one', () => {
    for (const fn of ['read-upload', 'download-upload', 'delete-upload', 'sign-parts', 'complete-upload']) {
      for (const variant of variantsOf(fn).filter((name) => name !== 'not-an-id')) {
        expect(readEvent(`${fn}.${variant}.json`).pathParameters.id).toBe(ID);
      }
    }
  });
});
