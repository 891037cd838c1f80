import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnreadableResult } from '../../../src/lib/scan/faults.ts';
import { parseScanResult } from '../../../src/lib/scan/parse-result.ts';
import { readEvent } from '../events/world.ts';
import { aScannedObject } from './a-scan.ts';

/** The event as AWS documents it, with another result. */
function setup(scanStatus: unknown, scanResultDetails: unknown, object: object = {}, event: object = {}) {
  const [record] = readEvent('record-scans.guardduty.json').Records;
  const { detail, ...rest } = JSON.parse(record.body);
  const s3ObjectDetails = { ...detail.s3ObjectDetails, ...object };
  return JSON.stringify({
    ...rest,
    detail: { ...detail, scanStatus, s3ObjectDetails, scanResultDetails },
    ...event,
  });
}

const CLEAN = { scanResultStatus: 'NO_THREATS_FOUND', threats: null };

const RESULTS = [
  ['COMPLETED', CLEAN, { outcome: 'clean' }],
  [
    'COMPLETED',
    { scanResultStatus: 'THREATS_FOUND', threats: [{ name: 'Trojan' }, { name: 'Worm' }, {}, null] },
    { outcome: 'infected', threats: ['Trojan', 'Worm'] },
  ],
  ['COMPLETED', { scanResultStatus: 'THREATS_FOUND', threats: null }, { outcome: 'infected' }],
  // Whatever became of the rest.
  ['FAILED', { scanResultStatus: 'THREATS_FOUND', threats: [] }, { outcome: 'infected' }],
  [
    'SKIPPED',
    { scanResultStatus: 'UNSUPPORTED', threats: null, statusReasons: ['PASSWORD_PROTECTED'] },
    { outcome: 'unsupported', detail: 'GuardDuty cannot look into it: PASSWORD_PROTECTED' },
  ],
  [
    'SKIPPED',
    { scanResultStatus: 'UNSUPPORTED', threats: null },
    { outcome: 'unsupported', detail: 'GuardDuty cannot look into it' },
  ],
  [
    'SKIPPED',
    { scanResultStatus: 'ACCESS_DENIED', threats: null },
    { outcome: 'failed', detail: 'GuardDuty was not allowed to read it' },
  ],
  [
    'FAILED',
    { scanResultStatus: 'FAILED', threats: null, statusReasons: ['INTERNAL', 'OTHER'] },
    { outcome: 'failed', detail: 'GuardDuty’s scan failed: INTERNAL, OTHER' },
  ],
] as const;

const NOT_CLEAN = [
  ['SKIPPED', CLEAN],
  ['FAILED', CLEAN],
  [undefined, CLEAN],
  ['COMPLETED', { scanResultStatus: 'NO_THREATS' }],
  ['COMPLETED', { scanResultStatus: 'MOSTLY_FINE' }],
  ['COMPLETED', {}],
  ['COMPLETED', null],
  ['SKIPPED', undefined],
] as const;

describe('what GuardDuty says', () => {
  test.each(RESULTS)('%s %j', (scanStatus, details, expected) => {
    expect(parseScanResult(setup(scanStatus, details))).toEqual({
      schema: 1,
      scanner: 'guardduty',
      ...aScannedObject(),
      ...expected,
    });
  });

  test.each(NOT_CLEAN)('%s %j is not understood, and so it is failed', (scanStatus, details) => {
    expect(parseScanResult(setup(scanStatus, details))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/^GuardDuty (says|found nothing, but)/),
    });
  });

  test('is of this object, with or without quotes around its ETag, and of a version that is one', () => {
    const quoted = { eTag: `"${aScannedObject().etag}"`, versionId: 'null' };
    const { versionId: _, ...unversioned } = aScannedObject();
    expect(parseScanResult(setup('COMPLETED', CLEAN, quoted))).toEqual({
      schema: 1,
      scanner: 'guardduty',
      ...unversioned,
      outcome: 'clean',
    });
  });

  test.each([
    ['its bucketName', { bucketName: undefined }],
    ['its objectKey', { objectKey: 'malware-protection-resource-validation-object' }],
    ['its eTag', { eTag: null }],
    ['its version', { versionId: 7 }],
  ])('is unreadable without %s', (what, object) => {
    expect(() => parseScanResult(setup('COMPLETED', CLEAN, object))).toThrow(what);
  });

  test.each([
    { source: 'com.example' },
    { 'detail-type': 'GuardDuty Malware Protection Resource Status Active' },
    { detail: 'text' },
    { detail: { s3ObjectDetails: [] } },
  ])('is not what another event says: %j', (event) => {
    expect(() => parseScanResult(setup('COMPLETED', CLEAN, {}, event))).toThrow(UnreadableResult);
  });

  test('is clean in one case only, whatever else it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (scanStatus, status, threats) => {
        const { outcome } = parseScanResult(setup(scanStatus, { scanResultStatus: status, threats }));
        expect(outcome).toBe('failed');
      }),
    );
  });
});
