import { SCAN_OUTCOMES } from '@sluice/contract/scan';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnreadableResult } from '../../../src/lib/scan/faults.ts';
import { parseScanResult } from '../../../src/lib/scan/parse-result.ts';
import { readEvent } from '../events/world.ts';
import { aScannedObject } from './a-scan.ts';

function setup(changes: object = {}) {
  return { schema: 1, scanner: 'clamav', ...aScannedObject(), outcome: 'clean', ...changes };
}

function read(changes: object = {}) {
  return parseScanResult(JSON.stringify(setup(changes)));
}

describe('a result', () => {
  test.each(SCAN_OUTCOMES)('that is %s is read as it was sent', (outcome) => {
    expect(read({ outcome, later: 1 })).toEqual(setup({ outcome }));
  });

  test('says which request it answers, if that can be', () => {
    expect(read({ attempt: 2 })).toEqual(setup({ attempt: 2 }));
    for (const attempt of [0, -1, 1.5, '2', null]) expect(read({ attempt })).toEqual(setup());
  });

  test('may have an ETag with quotes, and the version of a bucket without versions', () => {
    const { versionId: _, ...unversioned } = setup();
    expect(read({ etag: `"${aScannedObject().etag}"`, versionId: 'null' })).toEqual(unversioned);
    expect(read({ versionId: null })).toEqual(unversioned);
  });

  test.each([
    ['its schema', { schema: 0 }],
    ['its scanner', { scanner: 'toString' }],
    ['its outcome', { outcome: 'fine' }],
    ['its uploadId', { uploadId: undefined }],
    ['its bucket', { bucket: 7 }],
    ['its key', { key: 'another/0b6a3f6e-52d4-4c0a-9a39-7f1f0f6f2d11' }],
    ['its etag', { etag: '' }],
    ['its version', { versionId: {} }],
  ])('is refused for %s: %j', (what, change) => {
    expect(() => read(change)).toThrow(`a scan result is unreadable: ${what}`);
  });

  test.each(['', '{', '[]', 'null'])('is not %s', (text) => {
    expect(() => parseScanResult(text)).toThrow(UnreadableResult);
  });
});

describe('what others wrote', () => {
  test('names at most ten threats, each once and of one line', () => {
    const names = Array.from({ length: 30 }, (_, index) => `Trojan.${index >> 1}`);
    const { threats } = read({ outcome: 'infected', threats: ['Eicar\n\u202eTest', 7, '', ...names] });
    expect(threats).toEqual(['Eicar Test', ...Array.from({ length: 9 }, (_, index) => `Trojan.${index}`)]);
    expect(read({ outcome: 'infected', threats: 'Eicar' })).not.toHaveProperty('threats');
  });

  test('names no threats in a file that is not infected', () => {
    expect(read({ threats: ['Eicar'] })).not.toHaveProperty('threats');
  });

  test('is cut to 500 characters for people', () => {
    const { detail } = read({ outcome: 'failed', detail: '🙂'.repeat(600) });
    expect(Array.from(detail ?? '')).toHaveLength(500);
    expect(detail?.endsWith('🙂…')).toBe(true);
    expect(read({ detail: ' \n ' })).not.toHaveProperty('detail');
  });

  test('has facts of inspection alone, each with a proper name and a value that fits into a row', () => {
    const inspection = {
      gps: true,
      'picture.width': 640,
      encoding: 'utf-8\u0000',
      hosts: [...Array.from({ length: 12 }, (_, index) => `host-${index}`)],
      'bad name': 1,
      __proto__x: 1,
      nested: { a: 1 },
      'csv.rows': Number.NaN,
    };
    expect(read({ scanner: 'inspection', inspection }).inspection).toEqual({
      gps: true,
      'picture.width': 640,
      encoding: 'utf-8',
      hosts: Array.from({ length: 10 }, (_, index) => `host-${index}`),
    });
    expect(read({ inspection })).not.toHaveProperty('inspection');
  });

  test('has facts of at most 4 KB', () => {
    const inspection = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`fact${index}`, 'x'.repeat(190)]),
    );
    const kept = read({ scanner: 'inspection', inspection }).inspection ?? {};
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(4096);
    expect(Object.keys(kept).length).toBeGreaterThan(15);
  });

  test('is read or refused, whatever it is, and is bounded', () => {
    const mutations = fc.dictionary(
      fc.constantFrom(...Object.keys(setup()), 'threats', 'detail'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(mutations, (mutation) => {
        try {
          expect(JSON.stringify(read(mutation)).length).toBeLessThan(8_000);
        } catch (error) {
          if (!(error instanceof UnreadableResult)) throw error;
        }
      }),
    );
  });
});

test('the event that GuardDuty sends is a result too', () => {
  const [record] = readEvent('record-scans.guardduty.json').Records;
  expect(parseScanResult(record.body)).toEqual({
    schema: 1,
    scanner: 'guardduty',
    ...aScannedObject(),
    outcome: 'infected',
    threats: ['EICAR-Test-File (not a virus)'],
  });
});
