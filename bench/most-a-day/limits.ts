import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { toCapacity } from '../capacity.ts';
import type { Limits } from './bill.ts';

type Stack = {
  readonly params: { readonly default: Readonly<Record<string, string>> };
  readonly functions: Readonly<Record<string, { readonly events?: readonly object[] }>>;
};

/** What AWS lets a new account run at once after it has asked for it; less in its first weeks. */
const CONCURRENCY = 1_000;

/** The limits of a stack as serverless.yml has them by default. */
export function readLimits(): Limits {
  const text = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
  const { params, functions }: Stack = parse(text, { logLevel: 'silent', merge: true });
  const routes = Object.values(functions).flatMap(({ events = [] }) =>
    events.filter((event) => 'httpApi' in event),
  );
  const { routeRateLimit, verifyConcurrency } = toCapacity(params.default);
  return {
    routes: routes.length,
    routeRateLimit,
    concurrency: CONCURRENCY,
    verifyConcurrency,
  };
}
