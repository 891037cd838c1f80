/** What `diagnose` looks at, in its order. */
export const CHECKS = [
  'settings',
  'endpoint',
  'credentials',
  'proxy',
  'dns',
  'tcp',
  'tls',
  'first-byte',
  'clock',
  'identity',
  'access',
  'region',
  'public-access',
  'tls-only',
  'encryption',
  'cors',
  'notifications',
  'lifecycle',
] as const;

export type Check = (typeof CHECKS)[number];

/** `fail`: calls do not succeed. `warn`: they do, and something is unsafe, expensive or about to end. */
export type Verdict = 'ok' | 'warn' | 'fail';

/** What one check found. Holds no secret: fit for a terminal, a log or a bug report. */
export type Finding = {
  readonly check: Check;
  readonly verdict: Verdict;
  /** What was found, in a few words. */
  readonly detail: string;
  /** What to do about it; always there unless the verdict is `ok`. */
  readonly fix?: string;
  /** How long it took, where that was measured. */
  readonly ms?: number;
  /** The code of the taxonomy, when a call failed. */
  readonly error?: string;
};
