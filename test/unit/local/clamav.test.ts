import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findClamd, withSettings } from '../../../local/clamav.ts';
import { writeScannedPolicies } from '../../../local/scanned-policies.ts';
import { EICAR } from '../../clamav/files.ts';

const { readPolicies } = createRequire(import.meta.url)('../../../infra/own-policies.cjs');

async function setup() {
  const base = await mkdtemp(join(tmpdir(), 'sluice-local-'));
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  return { base };
}

describe('clamd', () => {
  test('is found where it may be run, and nowhere else', async () => {
    const { base } = await setup();
    const path = join(base, 'clamd');
    expect(await findClamd([base])).toBeUndefined();
    await writeFile(path, '#!/bin/sh\n', { mode: 0o644 });
    expect(await findClamd([base])).toBeUndefined();
    await rm(path);
    await writeFile(path, '#!/bin/sh\n', { mode: 0o755 });
    expect(await findClamd(['', '/nowhere', base])).toBe(path);
  });

  test('has the settings of the container but for those that are given or taken out', () => {
    const conf = '# A comment\nTCPSocket 1\nMaxFileSize 2000M\nLocalSocket /tmp/clamd.sock\n';
    expect(withSettings(conf, { TCPSocket: 3310, LocalSocket: undefined, TCPAddr: '127.0.0.1' })).toBe(
      '# A comment\nMaxFileSize 2000M\n\nTCPSocket 3310\nTCPAddr 127.0.0.1\n',
    );
  });

  test('knows EICAR, by a signature that is not that file', async () => {
    const signature = await readFile('local/eicar.ndb', 'utf8');
    expect(signature).toBe(`Sluice.Test.EICAR:0:*:${EICAR.toString('hex')}\n`);
    expect(signature).not.toContain(EICAR.toString('latin1'));
  });
});

describe('policies for one start', () => {
  test('are those of the project, each with the scanners besides', async () => {
    const folders = await setup();
    const file = await writeScannedPolicies(folders, undefined, ['clamav', 'inspection']);
    const [own, scanned] = await Promise.all([readPolicies('src/policies.ts'), readPolicies(file)]);
    expect(Object.keys(scanned)).toEqual(Object.keys(own));
    for (const [name, policy] of Object.entries<object>(own)) {
      expect(scanned[name]).toEqual({ ...policy, scanners: ['clamav', 'inspection'] });
    }
  });

  test('are those of a file, whose own scanners stay, each once', async () => {
    const folders = await setup();
    const given = join(folders.base, 'given.ts');
    await writeFile(
      given,
      `import { policies as own } from '${resolve('src/policies.ts')}';
       export const policies = { images: { ...own.images, scanners: ['inspection', 'clamav'] } };`,
    );
    const file = await writeScannedPolicies(folders, given, ['clamav']);
    expect((await readPolicies(file)).images.scanners).toEqual(['inspection', 'clamav']);
  });
});
