// A policy whose scanner does not answer, and one without.
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
} satisfies Policies;
