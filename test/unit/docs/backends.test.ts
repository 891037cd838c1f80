import { readFileSync } from 'node:fs';
import { SCOPES } from '@sluice/contract/caller';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type Route = { readonly method: string; readonly path: string };

const page = readFileSync('docs/backends.md', 'utf8');
const functions: Readonly<Record<string, { readonly events?: readonly { readonly httpApi?: Route }[] }>> =
  parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent', merge: true }).functions;

/** The cells of the rows of the page's tables that begin with such a cell. */
function rows(first: RegExp): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([cell = '']) => first.test(cell));
}

describe('docs/backends.md', () => {
  test('says what each scope is for, in the order of the code', () => {
    const scopes = rows(/^`(?:uploads\.\w+|grants|events|webhooks|tenants)`$/).map(([scope]) => scope);
    expect(scopes).toEqual(SCOPES.map((scope) => `\`${scope}\``));
  });

  test('says who may use each route that services may use, or that has no services', () => {
    const taken = Object.entries(functions).flatMap(([name, { events = [] }]) => {
      const source = readFileSync(`src/handlers/${name}.ts`, 'utf8');
      const takes = /\bhttpFunction\(\{ (.*?) \}/.exec(source)?.[1];
      if (takes === undefined) return [];
      const scopes = [...takes.matchAll(/'([a-z.]+)'/g)].map(([, scope]) => scope);
      const services = scopes.includes('any')
        ? 'any scope'
        : scopes.map((scope) => `\`${scope}\``).join(' or ') || 'no';
      const isTaken = (kind: string) => (takes.includes(`${kind}: `) ? 'yes' : 'no');
      return events.flatMap(({ httpApi }) =>
        httpApi
          ? [[`\`${httpApi.method} ${httpApi.path}\``, isTaken('user'), isTaken('grant'), services]]
          : [],
      );
    });
    expect(taken.length).toBeGreaterThan(8);
    expect(
      rows(/^`[A-Z]+ \//).toSorted(),
      'the table of routes in docs/backends.md is what the handlers give to httpFunction',
    ).toEqual(taken.toSorted());
  });
});
