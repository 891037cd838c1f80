import { execFileSync } from 'node:child_process';
import type { Context } from 'aws-lambda';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readFunctions } from '../../../bench/functions.ts';
import { ENVIRONMENT } from '../../../bench/start-up/environment.ts';
import { entryPoint, wire } from '../../../src/lib/entry.ts';
import { createEnvironment, type Environment } from '../../../src/lib/settings.ts';

const functions = readFunctions();

// What Lambda itself sets for each function.
const OF_LAMBDA = [
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LOG_LEVEL',
];

afterEach(() => vi.unstubAllEnvs());

/** Has the process look as Lambda's does, with these variables of ours and no others. */
function stubLambda(variables: readonly string[]) {
  for (const name of Object.keys(ENVIRONMENT)) {
    vi.stubEnv(name, [...OF_LAMBDA, ...variables].includes(name) ? ENVIRONMENT[name] : undefined);
  }
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'sluice-dev');
}

describe('a function that Lambda loads', () => {
  beforeAll(() => {
    execFileSync(process.execPath, ['infra/bundle-console.cjs']); // the console reads the page when it is loaded
  });

  test.each(functions)('finds all that $name needs in what serverless.yml gives it', async (fn) => {
    stubLambda(fn.variables);
    await expect(import(`../../../${fn.entry}`)).resolves.toHaveProperty('handler');
  });

  test('fails before its first call, naming all that is missing or malformed', () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'sluice-dev');
    vi.stubEnv('ONE', undefined);
    vi.stubEnv('TWO', '');
    vi.stubEnv('DAYS', '-1');
    const load = () =>
      entryPoint(() => async () => {}, {
        one: (environment) => environment.text('ONE'),
        address: (environment) => new URL(environment.text('TWO')),
        days: (environment) => environment.wholeNumber('DAYS'),
      });
    expect(load).toThrow('not set in the environment: ONE, TWO; DAYS is "-1", which is not a whole number');
  });
});

describe('a function that something else loads', () => {
  test('is wired by its first call, and by no other', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', undefined);
    vi.stubEnv('ONE', 'set');
    const one = vi.fn((environment: Environment) => environment.text('ONE'));
    const handler = entryPoint((deps: { one: string }) => async (event: string) => deps.one + event, { one });
    expect(one).not.toHaveBeenCalled();
    expect(await handler('!', {} as Context)).toBe('set!');
    expect(await handler('?', {} as Context)).toBe('set?');
    expect(one).toHaveBeenCalledTimes(1);
  });

  test('says at its first call what is missing, and at the next one too', () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', undefined);
    const handler = entryPoint(() => async () => {}, { one: (environment) => environment.text('ABSENT') });
    for (const _call of [1, 2]) {
      expect(() => handler(undefined, {} as Context)).toThrow('not set in the environment: ABSENT');
    }
  });
});

describe('the dependencies of a function', () => {
  test('share the client that several of them ask for', () => {
    const makeClient = vi.fn(() => ({}));
    const shared = (environment: Environment) => environment.once(makeClient);
    const { a, b } = wire<{ a: object; b: object }>({ a: shared, b: shared }, createEnvironment({}));
    expect(a).toBe(b);
    expect(makeClient).toHaveBeenCalledTimes(1);
  });

  test('fail as an adapter does that is content with no variable', () => {
    const broken = () => {
      throw new Error('no such folder');
    };
    expect(() => wire({ broken }, createEnvironment({}))).toThrow('no such folder');
  });

  test.each(['1e3', '0x10', '1.5', '-1', ' 1', '9007199254740993'])(
    'are not made of %j where a whole number is wanted',
    (text) => {
      const days = (environment: Environment) => environment.wholeNumber('DAYS');
      expect(() => wire({ days }, createEnvironment({ DAYS: text }))).toThrow('not a whole number');
    },
  );
});
