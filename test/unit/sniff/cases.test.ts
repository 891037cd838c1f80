import { readdirSync, readFileSync } from 'node:fs';
import { familyOf } from '@sluice/contract/content-types';
import { Refusal } from '@sluice/contract/refusals';
import { describe, expect, test } from 'vitest';
import type { Policies, Policy } from '../../../src/lib/upload/policy.ts';
import { requestUpload } from '../../../src/lib/upload/request.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { policies } from '../../../src/policies.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';

type Case = {
  readonly file: string;
  readonly declaredType: string;
  /** `inert`: accepted, since nothing runs what it hides while it is served as its declared type */
  readonly expected: 'accept' | 'reject' | 'inert';
  readonly why: string;
};

const FOLDER = new URL('../../corpus/cases/', import.meta.url);
const CASES: readonly Case[] = JSON.parse(readFileSync(new URL('cases.json', FOLDER), 'utf8'));

/** One of the shipped policies, changed. */
function only(name: string, changes: Partial<Policy>): Policies {
  const shipped = policies[name];
  if (shipped === undefined) throw new Error(`there is no policy ${name}`);
  return { [name]: { ...shipped, ...changes } };
}

/** Files that only a policy takes that says so. Every other case is judged by the shipped policies. */
const POLICIES: Readonly<Record<string, Policies>> = {
  'password.docx': only('documents', { encryptedOffice: 'taken' }),
};

/** Cases that are not mended yet. A case that is judged as expected has to leave the list. */
const AWAITED: ReadonlySet<string> = new Set<string>();

/** Takes a file from its request, name and all, to its verdict: what a client would be told of it. */
async function judge({ file, declaredType }: Case): Promise<{ accepted: boolean; told: string }> {
  const bytes = readFileSync(new URL(file, FOLDER));
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects();
  const deps = {
    ledger,
    objects,
    policies: POLICIES[file] ?? policies,
    now: () => 1_000_000,
    newId: () => '00000000-0000-4000-8000-000000000000',
    multipart: async () => createMemoryMultipart(objects),
    sign: async () => ({
      signature: { put: { url: 'https://s3/', method: 'PUT' as const, headers: {} } },
      expiresAt: new Date(2_000_000),
    }),
    expiryGraceInSeconds: 60,
    rowRetentionInSeconds: 60,
    announce: async () => {},
  };
  const caller = { tenant: 'acme', subject: 'ada' };
  const intent = { filename: file, contentType: declaredType, size: bytes.length, metadata: {} };
  try {
    const { upload } = await requestUpload(deps, caller, intent, { correlationId: 'case' });
    objects.put(upload.key, bytes);
    const outcome = await verify(deps, { key: upload.key }, 1_000, new AbortController().signal);
    if (outcome.kind !== 'accepted' && outcome.kind !== 'rejected') throw new Error(outcome.kind);
    const { servedType = '', detail = '' } = outcome.upload;
    // Nothing that was accepted is served as what a browser runs, whatever it hides.
    expect(familyOf(servedType.split(';')[0] ?? '')).not.toBe('markup');
    return outcome.kind === 'accepted'
      ? { accepted: true, told: `accepted as ${servedType}` }
      : { accepted: false, told: `${outcome.upload.reason}: ${detail}` };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { accepted: false, told: `refused: ${error.code}` };
  }
}

function asExpected({ expected }: Case, accepted: boolean): boolean {
  return accepted === (expected === 'accept' || expected === 'inert');
}

describe('files that were judged wrongly once', () => {
  test.each(CASES.filter(({ file }) => !AWAITED.has(file)))(
    'judges $file, declared as $declaredType, as expected ($expected): $why',
    async (one) => {
      const { accepted, told } = await judge(one);
      expect(asExpected(one, accepted), told).toBe(true);
    },
  );

  test('holds no file on the list of the awaited that is judged as expected', async () => {
    const mended: string[] = [];
    for (const one of CASES.filter(({ file }) => AWAITED.has(file))) {
      if (asExpected(one, (await judge(one)).accepted)) mended.push(one.file);
    }
    expect(mended).toEqual([]);
  });

  test('names every file of the folder once, and nothing that is not there', () => {
    const names = CASES.map(({ file }) => file);
    expect([...names].sort()).toEqual(
      readdirSync(FOLDER)
        .filter((name) => name !== 'cases.json')
        .sort(),
    );
    expect([...AWAITED, ...Object.keys(POLICIES)].filter((name) => !names.includes(name))).toEqual([]);
  });
});
