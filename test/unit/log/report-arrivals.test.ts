import { readFileSync } from 'node:fs';
import type { Upload } from '@sluice/contract/upload';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { metrics } from '../../../src/lib/log/metrics.ts';
import { reportFailure, reportOutcome } from '../../../src/lib/log/report-arrivals.ts';
import { about } from '../../../src/lib/upload/about.ts';
import type { Outcome } from '../../../src/lib/upload/verify.ts';
import { captureLog } from '../../fakes/log-lines.ts';

afterEach(() => vi.restoreAllMocks());

const NOW = Date.UTC(2026, 10, 27);
const ID = '34340c23-051e-14db-0628-27fa2f069f97';
const KEY = `acme/${ID}`;
const UPLOAD = {
  id: ID,
  key: KEY,
  tenant: 'acme',
  subject: 'ada',
  correlationId: 'c-1',
  policy: 'images',
  transport: 'put',
  size: 7,
  createdAt: NOW - 60_000,
} as Upload;

function setup() {
  const lines = captureLog();
  const report = (changes: Partial<Upload>, arrived: { happenedAt?: number; modifiedAt?: number }) => {
    const { modifiedAt = NOW - 3_000, ...arrival } = arrived;
    const upload = { ...UPLOAD, ...changes };
    const kind = changes.reason === undefined ? 'accepted' : 'rejected';
    const outcome = { kind, upload, facts: { size: 7, modifiedAt } } as Outcome;
    reportOutcome({ bucket: 'incoming', key: KEY, ...arrival }, outcome, NOW);
    metrics.publishStoredMetrics();
    return { said: lines.find(({ message }) => message !== undefined), measured: lines.at(-1) };
  };
  return { lines, report };
}

describe('the line of a verdict', () => {
  test('leads to the row and the request, and names nobody', () => {
    const { said } = setup().report({}, {});
    expect(said).toMatchObject({
      message: 'upload accepted',
      uploadId: ID,
      correlation_id: 'c-1',
      policy: 'images',
      size: 7,
    });
    expect(JSON.stringify(said)).not.toMatch(/ada|acme/);
  });
});

describe('the service level', () => {
  test.each<[string, Partial<Upload>, { happenedAt?: number; modifiedAt?: number }, number | undefined]>([
    ['the object’s own time', {}, { modifiedAt: NOW - 3_000 }, 3_000],
    ['the time of the event where it has one', {}, { happenedAt: NOW - 2_417 }, 2_417],
    ['nothing where a clock runs ahead', {}, { happenedAt: NOW + 800 }, 0],
    ['no object in parts, which is dated by its beginning', { transport: 'multipart' }, {}, undefined],
    ['parts by their event', { transport: 'multipart' }, { happenedAt: NOW - 500 }, 500],
  ])('is measured from %s', (_what, changes, arrived, sinceSentMs) => {
    const { said, measured } = setup().report(changes, arrived);
    expect(said?.sinceSentMs).toBe(sinceSentMs);
    expect(measured?.VerdictMilliseconds).toBe(sinceSentMs);
  });

  test.each([
    [10_000, 'VerdictsInTime', 'VerdictsLate'],
    [10_001, 'VerdictsLate', 'VerdictsInTime'],
  ])('is kept by a verdict after %i ms or not: %s', (ms, counted, other) => {
    const { measured } = setup().report({}, { happenedAt: NOW - ms });
    expect(measured).toMatchObject({ [counted]: 1 });
    expect(measured).not.toHaveProperty(other);
  });

  test('counts what was accepted in bytes, and what was rejected by its reason', () => {
    expect(setup().report({}, {}).measured).toMatchObject({ UploadsAccepted: 1, BytesAccepted: 7 });
    vi.restoreAllMocks();
    const { lines, report } = setup();
    report({ reason: 'type_mismatch' as Upload['reason'] & string }, {});
    expect(lines).toContainEqual(expect.objectContaining({ Rejections: 1, reason: 'type_mismatch' }));
  });
});

describe('the line of a failure', () => {
  const message = {
    id: 'm-1',
    body: JSON.parse(readFileSync('events/verify-arrivals.sqs-s3-put.json', 'utf8')).Records[0].body,
  };

  test('has the upload, its key and its request where the row was read', () => {
    const { lines } = setup();
    reportFailure(message, about(new Error('S3 is away'), UPLOAD), { comesAgainInSeconds: 2 });
    expect(lines[0]).toMatchObject({
      message: 'arrival not verified',
      uploadId: ID,
      key: KEY,
      correlation_id: 'c-1',
      messageId: 'm-1',
    });
  });

  test('has the key and the upload by the message where no row was read', () => {
    const { lines } = setup();
    reportFailure(message, new Error('S3 is away'), { comesAgainInSeconds: 2 });
    const { s3 } = JSON.parse(message.body).Records[0];
    expect(lines[0]).toMatchObject({ key: s3.object.key, uploadId: s3.object.key.split('/')[1] });
  });

  test('has neither where the message is no notification', () => {
    const { lines } = setup();
    reportFailure({ id: 'm-1', body: 'no' }, new Error('malformed'), { isBuried: true });
    expect(lines[0]).not.toHaveProperty('key');
  });
});
