// What may be uploaded to the stack of scanning.test.ts: a policy for each scanner that others run.
import type { Policies } from '../../src/lib/upload/policy.ts';

const RULES = {
  types: ['text/plain'],
  minBytes: 1,
  maxBytes: 1024 ** 2,
  checksum: 'optional',
  urlExpiresInSeconds: 900,
} as const;

export const policies = {
  plain: { ...RULES, title: 'Unscanned' },
  guarded: { ...RULES, title: 'Scanned by GuardDuty', scanners: ['guardduty'] },
  asked: { ...RULES, title: 'Scanned by a function', scanners: ['function'] },
  both: { ...RULES, title: 'Scanned by both', scanners: ['guardduty', 'function'] },
} satisfies Policies;
