// What is in tables was written by versions of this code, and is read by those that come after.
import { readFileSync } from 'node:fs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { STATES } from '@sluice/contract/state';
import { TRANSPORTS } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { toItem, toUpload } from '../../../src/lib/aws/ledger-item.ts';
import { parseRow, ROW_SCHEMA } from '../../../src/lib/upload/row.ts';
import { readWritten, UNRELEASED, VERSIONS } from '../../rows/read.ts';

const WRITE = `the rows of today are others than those in test/rows/${UNRELEASED}.json: node test/rows/write.ts`;
const TODAY = readWritten(UNRELEASED);

/** What only the ledger itself reads. */
const OF_THE_LEDGER = ['worker', 'leaseEndsAt', 'forgetAt'];

/** Everything that is looked for in these fields, as paths, and what of it is there. */
function lookedFor(fields: Readonly<Record<string, unknown>>, read: (fields: never) => unknown) {
  const [asked, found] = [new Set<string>(), new Set<string>()];
  const watch = <T extends object>(value: T, path: string): T =>
    new Proxy(value, {
      get(target, name, receiver) {
        const inner: unknown = Reflect.get(target, name, receiver);
        if (typeof name !== 'string') return inner;
        // Any scanner's judgement is like all others'.
        const here = path === 'scans.' ? 'scans.*' : `${path}${name}`;
        asked.add(here);
        if (inner !== undefined) found.add(here);
        const isFields = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
        return isFields ? watch(inner, `${here}.`) : inner;
      },
    });
  read(watch(fields, '') as never);
  return { asked, found };
}

describe('the rows of this version', () => {
  test.each(TRANSPORTS)('by %s are there in every state', (transport) => {
    const states = TODAY.filter(({ item }) => item.transport?.S === transport).map(
      ({ item }) => item.state?.S,
    );
    expect(new Set(states), WRITE).toEqual(new Set(STATES));
  });

  test('have everything that is read in a row, at least one of them', () => {
    const looks = TODAY.map(({ item }) => lookedFor(unmarshall(item), parseRow));
    const found = new Set(looks.flatMap((look) => [...look.found]));
    const missing = new Set(looks.flatMap((look) => [...look.asked]).filter((path) => !found.has(path)));
    expect([...missing], WRITE).toEqual([]);
  });

  test('are those that would be written', () => {
    for (const { shape, item } of TODAY) {
      const kept = Object.entries(item).filter(([name]) => !OF_THE_LEDGER.includes(name));
      expect(toItem(toUpload({ ...item }), item.dueShard?.S ?? ''), `${shape}: ${WRITE}`).toEqual(
        Object.fromEntries(kept),
      );
      expect(item.schema, WRITE).toEqual({ N: String(ROW_SCHEMA) });
    }
  });
});

describe('the rows of versions that are released', () => {
  test('are kept, for every version that CHANGELOG.md names', () => {
    const named = [...readFileSync('CHANGELOG.md', 'utf8').matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(
      ([, v]) => v,
    );
    expect(VERSIONS.toSorted(), `git mv test/rows/${UNRELEASED}.json, and node test/rows/write.ts`).toEqual(
      [...named, UNRELEASED].toSorted(),
    );
  });

  test.each(VERSIONS.flatMap(readWritten))('$version, $shape: is read, field by field', ({ item }) => {
    const fields = unmarshall({ ...item });
    const upload = toUpload({ ...item });
    expect(fields).toMatchObject(upload);
    const skipped = Object.keys(fields).filter((name) => !(name in upload));
    expect(skipped.filter((name) => !OF_THE_LEDGER.includes(name))).toEqual(
      expect.arrayContaining(['ownerKey', 'createdAtId']),
    );
    expect(['schema', 'ownerKey', 'createdAtId', 'referenceKey', 'dueShard', ...OF_THE_LEDGER]).toEqual(
      expect.arrayContaining(skipped),
    );
  });
});

test('every function that reaches the ledger is tried with all of them', () => {
  const { functions } = parse(readFileSync('serverless.yml', 'utf8'), {
    merge: true,
    maxAliasCount: -1,
    logLevel: 'error',
  }) as {
    readonly functions: Readonly<Record<string, { readonly handler: string; readonly environment?: object }>>;
  };
  const reaching = Object.values(functions).filter(({ environment = {} }) => 'LEDGER_TABLE' in environment);
  expect(reaching.length).toBeGreaterThan(10);
  const tried = ['api', 'background']
    .map((name) => readFileSync(`test/unit/rows/${name}.test.ts`, 'utf8'))
    .join();
  const missing = reaching
    .map(({ handler }) => handler.replace(/\.handler$/, ''))
    // They read a row only where a request is repeated, by its fingerprint: api.test.ts.
    .filter((file) => !file.includes('/request-upload'))
    .filter((file) => !tried.includes(file) && !file.endsWith('/administer'));
  expect(missing).toEqual([]);
});
