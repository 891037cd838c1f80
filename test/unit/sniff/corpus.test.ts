import { type ContentType, familyOf, isContentType } from '@sluice/contract/content-types';
import { TYPES } from '@sluice/contract/type-table';
import { describe, expect, test } from 'vitest';
import { sniff } from '../../../src/lib/sniff/sniff.ts';
import { decide } from '../../../src/lib/upload/decide.ts';
import type { Policy } from '../../../src/lib/upload/policy.ts';
import { DISHONEST } from '../../corpus/dishonest.ts';
import { HONEST } from '../../corpus/honest.ts';
import { sourceOf } from '../../fakes/source.ts';

const ALL = (Object.keys(TYPES) as ContentType[]).filter((type) => familyOf(type) !== 'markup');
// One policy that takes everything but what a browser runs: the worst case for a dishonest file.
const EVERYTHING: Policy = {
  title: 'everything',
  types: ALL,
  encodings: ['utf-16', 'windows-1252'],
  minBytes: 0,
  maxBytes: 1024 ** 3,
  checksum: 'optional',
  urlExpiresInSeconds: 60,
};

/** Judges bytes as verification does. */
async function judge(bytes: Uint8Array, contentType: string) {
  const sniffed = await sniff(sourceOf(bytes), { declaredType: contentType });
  const declaration = { filename: 'file', contentType, size: bytes.length, metadata: {} };
  return decide(declaration, EVERYTHING, { size: bytes.length, checksums: {}, sniffed });
}

describe('honest files', () => {
  test.each(HONEST)('accepts $name as $type', async ({ type, bytes }) => {
    const verdict = await judge(bytes, type);
    expect(verdict).toMatchObject({ accepted: true });
    expect(verdict.accepted && verdict.servedType.split(';')[0]).toBe(type);
  });

  test('has at least one honest file of every type that a policy may take and no browser runs', () => {
    const covered = new Set<string>(HONEST.map(({ type }) => type));
    expect(ALL.filter((type) => !covered.has(type))).toEqual([]);
  });
});

describe('dishonest files', () => {
  test.each(DISHONEST.filter(({ outcome }) => outcome !== 'inert'))(
    'rejects $name with $outcome when it is declared as $declared',
    async ({ declared, bytes, outcome }) => {
      expect(await judge(bytes, declared)).toMatchObject({ accepted: false, reason: outcome });
    },
  );

  test.each(DISHONEST.filter(({ outcome }) => outcome === 'inert'))(
    'accepts $name only as $declared, which no browser runs',
    async ({ declared, bytes }) => {
      const verdict = await judge(bytes, declared);
      expect(verdict.accepted && verdict.servedType.split(';')[0]).toBe(declared);
      expect(familyOf(declared)).not.toBe('markup');
    },
  );

  test('accepts none of them as a type that a browser runs, whatever type they are declared as', async () => {
    const accepted: string[] = [];
    for (const { name, bytes } of DISHONEST) {
      for (const type of ALL) {
        const verdict = await judge(bytes, type);
        if (!verdict.accepted) continue;
        const [served = ''] = verdict.servedType.split(';');
        if (!isContentType(served) || familyOf(served) === 'markup' || served !== type) {
          accepted.push(`${name} as ${verdict.servedType}`);
        }
      }
    }
    expect(accepted).toEqual([]);
  });

  test('counts at least sixty of them, no two alike', () => {
    expect(DISHONEST.length).toBeGreaterThanOrEqual(60);
    expect(new Set(DISHONEST.map(({ name }) => name)).size).toBe(DISHONEST.length);
  });
});
