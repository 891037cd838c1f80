// Policies of which one has a scanner that does not answer, and one a scanner that is not there.
import type { Policies } from '../../src/lib/upload/policy.ts';

const RULES = {
  types: ['text/csv'],
  minBytes: 1,
  maxBytes: 100 * 1024 ** 2,
  checksum: 'optional',
  urlExpiresInSeconds: 900,
} as const;

export const policies = {
  data: { ...RULES, title: 'Unscanned' },
  asked: { ...RULES, title: 'Scanned by a function that does not answer', scanners: ['function'] },
  missing: { ...RULES, title: 'Scanned by ClamAV, which is not there', scanners: ['clamav'] },
} satisfies Policies;
