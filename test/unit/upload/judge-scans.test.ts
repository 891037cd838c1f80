import { SCANNERS, type Scan, type ScanOutcome, type Scans } from '@sluice/contract/scan';
import { describe, expect, test } from 'vitest';
import { judgeScans, threatsIn } from '../../../src/lib/upload/judge-scans.ts';
import type { Policy } from '../../../src/lib/upload/policy.ts';

const VERSION = { etag: 'e', versionId: 'v1' };

function setup(rules: Partial<Policy> = {}) {
  const policy: Policy = {
    title: 'Files',
    types: ['application/pdf'],
    minBytes: 0,
    maxBytes: 10,
    checksum: 'optional',
    urlExpiresInSeconds: 60,
    ...rules,
  };
  return (scans: Scans, inspection = {}) => judgeScans(policy, { scans, inspection }, VERSION);
}

function said(outcome: ScanOutcome, changes: Partial<Scan> = {}): Scan {
  return { outcome, ...VERSION, at: 1, attempt: 1, ...changes };
}

describe('what scanners said of a version', () => {
  test('is waited for until each that the policy demands has judged it', () => {
    const judge = setup({ scanners: ['clamav', 'guardduty'] });
    expect(judge({})).toEqual({ kind: 'wait', missing: ['clamav', 'guardduty'] });
    expect(judge({ clamav: said('clean') })).toEqual({ kind: 'wait', missing: ['guardduty'] });
    expect(judge({ clamav: said('clean'), guardduty: said('failed') })).toEqual({
      kind: 'wait',
      missing: ['guardduty'],
    });
    expect(judge({ clamav: said('clean'), guardduty: said('clean') })).toEqual({ kind: 'go_on' });
  });

  test('is not waited for where the policy demands none', () => {
    expect(setup()({})).toEqual({ kind: 'go_on' });
    expect(setup()({ clamav: said('failed') })).toEqual({ kind: 'go_on' });
  });

  test.each([
    ['another version', { versionId: 'v2' }],
    ['other bytes', { etag: 'f' }],
  ])('does not count if it was said of %s', (_what, other) => {
    const judge = setup({ scanners: ['clamav'] });
    expect(judge({ clamav: said('clean', other) })).toEqual({ kind: 'wait', missing: ['clamav'] });
    expect(judge({ clamav: said('infected', other) })).toEqual({ kind: 'wait', missing: ['clamav'] });
  });

  test('does not count for a version where it was said of an object without one', () => {
    const { versionId: _none, ...rest } = said('clean');
    expect(setup({ scanners: ['clamav'] })({ clamav: rest })).toEqual({ kind: 'wait', missing: ['clamav'] });
  });

  test.each(SCANNERS)('rejects at once if %s found harm, whether or not the policy demands it', (scanner) => {
    const scans = { [scanner]: said('infected', { threats: ['Eicar'] }) };
    for (const judge of [setup(), setup({ scanners: ['clamav', 'function'] })]) {
      expect(judge(scans)).toEqual({
        kind: 'reject',
        reason: 'infected',
        detail: `Something harmful was found in the file by ${scanner}: Eicar.`,
      });
    }
  });

  test('names ten threats at most, each once, and the scanners that found them', () => {
    const names = Array.from({ length: 12 }, (_, index) => `T${index}`);
    const scans = {
      clamav: said('infected', { threats: ['T0'] }),
      guardduty: said('infected', { threats: names }),
    };
    expect(threatsIn(scans)).toEqual(names.slice(0, 10));
    expect(setup()(scans)).toMatchObject({
      detail: expect.stringMatching(/clamav and guardduty: T0, .*T9\.$/),
    });
    expect(setup()({ clamav: said('infected') })).toMatchObject({
      detail: 'Something harmful was found in the file by clamav.',
    });
  });

  test('rejects what a scanner cannot look into, once all have judged it, unless the policy takes it', () => {
    const scans = { clamav: said('unsupported', { detail: 'It has more than 2 GiB' }) };
    expect(setup({ scanners: ['clamav'] })(scans)).toEqual({
      kind: 'reject',
      reason: 'unscannable',
      detail: 'The scanner clamav cannot look into the file: It has more than 2 GiB.',
    });
    expect(setup({ scanners: ['clamav', 'guardduty'] })(scans)).toMatchObject({ kind: 'wait' });
    expect(setup({ scanners: ['clamav'], unscannable: 'accepted' })(scans)).toEqual({ kind: 'go_on' });
  });

  test.each([
    ['a fact that the policy rejects', { macros: true }, 'macros'],
    [
      'more of something than there may be',
      { exceeded: 'ratio', 'exceeded.found': 1_032, 'exceeded.most': 250 },
      '1,032',
    ],
  ])('rejects a file in which inspection found %s, and says what', (_what, inspection, words) => {
    const scans = { inspection: said('clean') };
    const judge = setup({ scanners: ['inspection'], inspection: { reject: ['macros'] } });
    expect(judge(scans, inspection)).toMatchObject({
      kind: 'reject',
      reason: 'content_refused',
      detail: expect.stringContaining(words),
    });
    expect(judge(scans, { macros: false })).toEqual({ kind: 'go_on' });
  });

  test('takes no account of what was found in a file where the policy does not demand inspection', () => {
    const judge = setup({ scanners: ['clamav'], inspection: { reject: ['macros'] } });
    expect(judge({ clamav: said('clean'), inspection: said('clean') }, { macros: true })).toEqual({
      kind: 'go_on',
    });
  });
});

test('what was seen of a file that inspection cannot look into counts, too', () => {
  const judge = setup({
    scanners: ['inspection'],
    unscannable: 'accepted',
    inspection: { reject: ['encrypted'] },
  });
  expect(judge({ inspection: said('unsupported') }, { encrypted: true })).toMatchObject({
    kind: 'reject',
    reason: 'content_refused',
  });
  expect(judge({ inspection: said('unsupported') }, { encrypted: false })).toEqual({ kind: 'go_on' });
});
