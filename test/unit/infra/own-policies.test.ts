import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { describe, expect, test } from 'vitest';
import type { Policies } from '../../../src/lib/upload/policy.ts';
import { policies as shipped } from '../../../src/policies.ts';

type OwnPolicies = {
  (serverless: { service: { custom: { policies: string } } }): readonly Plugin[];
  readonly readPolicies: (file: string) => Promise<Policies>;
};
// A plugin of serverless is CommonJS, and has no types.
const ownPolicies: OwnPolicies = createRequire(import.meta.url)('../../../infra/own-policies.cjs');

const POLICY = `{ title: 'Faces', types: ['image/png'], minBytes: 1, maxBytes: 1000, checksum: 'optional', urlExpiresInSeconds: 60 }`;

/** A file of policies outside of the project, as a team's own would be. */
function writePolicies(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-policies-')), 'policies.ts');
  writeFileSync(file, text);
  return file;
}

/** What a function would have for policies, when it is bundled for a stage that names `file`. */
async function bundled(file: string) {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { policies } from '../policies.ts'; export { isKnownType } from '@sluice/contract/content-types';`,
      resolveDir: 'src/handlers',
      loader: 'ts',
    },
    plugins: [...ownPolicies({ service: { custom: { policies: file } } })],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  const text = outputFiles[0]?.text ?? '';
  const loaded: { policies: Policies; isKnownType: (type: string) => boolean } = await import(
    `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`
  );
  return loaded;
}

describe('the file that says what may be uploaded', () => {
  test('is src/policies.ts when the stage names no other', async () => {
    expect(await ownPolicies.readPolicies('src/policies.ts')).toEqual(shipped);
    expect(ownPolicies({ service: { custom: { policies: 'src/policies.ts' } } })).toEqual([]);
    expect((await bundled('src/policies.ts')).policies).toEqual(shipped);
  });

  test('may be another, which functions are then bundled with, types of its own included', async () => {
    const file = writePolicies(`
      import { defineTypes } from '@sluice/contract/own-types';
      export const ownTypes = defineTypes({
        'application/vnd.acme.scan': { family: 'opaque', extensions: ['scan'], magic: [{ at: 0, bytes: 'ACME' }] },
      });
      export const policies = { faces: ${POLICY}, scans: { ...${POLICY}, types: ['application/vnd.acme.scan'] } };
    `);
    expect(Object.keys(await ownPolicies.readPolicies(file))).toEqual(['faces', 'scans']);
    const { policies, isKnownType } = await bundled(file);
    expect(Object.keys(policies)).toEqual(['faces', 'scans']);
    expect(isKnownType('application/vnd.acme.scan')).toBe(true);
  });

  test('may extend src/policies.ts', async () => {
    const file = writePolicies(`
      import { policies as shipped } from '${process.cwd()}/src/policies.ts';
      export const policies = { faces: ${POLICY}, ...shipped };
    `);
    const names = ['faces', ...Object.keys(shipped)];
    expect(Object.keys(await ownPolicies.readPolicies(file))).toEqual(names);
    expect(Object.keys((await bundled(file)).policies)).toEqual(names);
  });

  test.each([
    ['is not there', undefined, 'There is no file of policies'],
    ['is no TypeScript', 'export const policies = {', 'does not load'],
    ['imports what is not there', `import './none.ts'; export const policies = {};`, 'does not load'],
    ['throws', `throw new Error('no moon'); export const policies = {};`, 'does not load: no moon'],
    ['exports no policies', 'export const rules = {};', 'exports no `policies`'],
    ['has no policy', 'export const policies = {};', 'nothing could be uploaded'],
    [
      'takes a type by another of its names',
      `export const policies = { faces: { ...${POLICY}, types: ['image/jpg'] } };`,
      'faces.types.0 is written "image/jpeg", not "image/jpg"',
    ],
    [
      'takes a type that nobody can tell',
      `export const policies = { faces: { ...${POLICY}, types: ['image/x-moon'] } };`,
      'faces.types.0 is no type that Sluice can tell: "image/x-moon"',
    ],
    [
      'misspells a field',
      `export const policies = { faces: { ...${POLICY}, maxbytes: 1 } };`,
      'faces.maxbytes is nothing that a policy has',
    ],
    [
      'leaves a field out',
      `const { title, ...rest } = ${POLICY}; export const policies = { faces: rest };`,
      'faces.title is missing',
    ],
    [
      'names readers that there are none of',
      `export const policies = { faces: { ...${POLICY}, readers: { allowed: ['all'], default: 'owner' } } };`,
      'faces.readers.allowed.0 is one of owner, tenant, anyone',
    ],
    [
      'gives files to readers that it does not allow',
      `export const policies = { faces: { ...${POLICY}, readers: { allowed: ['owner'], default: 'anyone' } } };`,
      'faces.readers has a default that is not allowed',
    ],
    [
      'misspells what it says of readers',
      `export const policies = { faces: { ...${POLICY}, readers: { allowed: ['owner'], default: 'owner', list: true } } };`,
      'faces.readers.list is nothing that readers have',
    ],
    [
      'has addresses that are valid for longer than a function can sign for',
      `export const policies = { faces: { ...${POLICY}, downloadExpiresInSeconds: 43_201 } };`,
      'faces.downloadExpiresInSeconds is a whole number from 10 to 43200 (seconds)',
    ],
    [
      'misspells what has a quota',
      `export const policies = { faces: { ...${POLICY}, quota: { user: { files: 1 } } } };`,
      'faces.quota.user is nothing that has a quota',
    ],
    [
      'misspells a limit of its quota',
      `export const policies = { faces: { ...${POLICY}, quota: { owner: { file: 1 } } } };`,
      'faces.quota.owner.file is nothing that a quota has',
    ],
    [
      'has a quota of less than nothing',
      `export const policies = { faces: { ...${POLICY}, quota: { tenant: { bytes: -1 } } } };`,
      'faces.quota.tenant.bytes is a whole number from 0',
    ],
    [
      'demands a scanner that there is none of',
      `export const policies = { faces: { ...${POLICY}, scanners: ['virustotal'] } };`,
      'faces.scanners.0 is one of inspection, clamav, guardduty, function',
    ],
    [
      'does not say what becomes of files that nobody can scan',
      `export const policies = { faces: { ...${POLICY}, unscannable: 'kept' } };`,
      "faces.unscannable is 'rejected' or 'accepted'",
    ],
    [
      'rejects files for a fact that nobody finds',
      `export const policies = { faces: { ...${POLICY}, scanners: ['inspection'], inspection: { reject: ['macro'] } } };`,
      'faces.inspection.reject.0 is no fact that a file can be rejected for: "macro"',
    ],
    [
      'rejects files for a fact that every file has',
      `export const policies = { faces: { ...${POLICY}, scanners: ['inspection'], inspection: { reject: ['pdf.pages'] } } };`,
      'faces.inspection.reject.0 is no fact that a file can be rejected for: "pdf.pages"',
    ],
    [
      'has a limit of inspection that there is none of',
      `export const policies = { faces: { ...${POLICY}, scanners: ['inspection'], inspection: { limits: { rows: 7 } } } };`,
      'faces.inspection.limits.rows is no limit of inspection: entries, unpackedBytes',
    ],
    [
      'has a limit of inspection that is wider than the built-in one',
      `export const policies = { faces: { ...${POLICY}, scanners: ['inspection'], inspection: { limits: { depth: 6 } } } };`,
      'faces.inspection.limits.depth is a whole number from 1 to 5 (depth)',
    ],
    [
      'says what may be inside, and has nobody who looks',
      `export const policies = { faces: { ...${POLICY}, inspection: { reject: ['macros'] } } };`,
      'faces.inspection says what may be inside, but faces.scanners does not name inspection',
    ],
    [
      'asks for more than it takes',
      `export const policies = { faces: { ...${POLICY}, minBytes: 2000 } };`,
      'faces has a minBytes above its maxBytes',
    ],
  ])('is refused when it %s', async (_, text, message) => {
    const file = text === undefined ? '/nowhere/policies.ts' : writePolicies(text);
    await expect(ownPolicies.readPolicies(file)).rejects.toThrow(message);
  });
});
