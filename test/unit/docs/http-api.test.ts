import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../../', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

type Operation = { readonly summary?: string };
type Described = { readonly paths: Record<string, Record<string, Operation>> };
type Deployed = {
  readonly functions: Record<
    string,
    { readonly events?: readonly { readonly httpApi?: { readonly method: string; readonly path: string } }[] }
  >;
};

/** Routes and what they do, as the page lists them. */
function listed(): string[] {
  const [, section = ''] = read('docs/http-api.md').split('\n## Routes\n');
  const [rows = ''] = section.split('\n## ');
  return [...rows.matchAll(/^\| `([A-Z]+ [^`]+)` \| (.+) \|$/gm)].map(
    ([, route, what]) => `${route}: ${what}`,
  );
}

function described(): string[] {
  const { paths }: Described = parse(read('docs/openapi.yaml'));
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([key]) => /^(get|put|post|delete|patch|head)$/.test(key))
      .map(([method, { summary }]) => `${method.toUpperCase()} ${path}: ${summary}`),
  );
}

function deployed(): string[] {
  // CloudFormation's own tags (!Ref, !Sub) mean nothing here.
  const { functions }: Deployed = parse(read('serverless.yml'), { logLevel: 'silent' });
  return Object.values(functions)
    .flatMap(({ events = [] }) => events)
    .flatMap(({ httpApi }) => (httpApi ? `${httpApi.method} ${httpApi.path.replace('+}', '}')}` : []));
}

test('the page of the HTTP API lists exactly the routes that serverless.yml deploys', () => {
  const routes = listed().map((row) => row.split(': ')[0]);
  expect(routes.length).toBeGreaterThan(0);
  expect(
    routes.toSorted(),
    'the table under "Routes" in docs/http-api.md has a row for each route of serverless.yml, and no other',
  ).toEqual(deployed().toSorted());
});

test('the page of the HTTP API says of each route what openapi.yaml says', () => {
  expect(
    listed().toSorted(),
    'a row of docs/http-api.md has the route and its summary in docs/openapi.yaml',
  ).toEqual(described().toSorted());
});
