import { randomBytes } from 'node:crypto';

/** The secrets of a stack that have a current value and one before it, by what they are for. */
export const KEYS = {
  sessions: {
    logicalId: 'UppyKey',
    next: 'Tokens of the old key are good until they end, a day at most. After that, run this with --end.',
  },
  webhooks: {
    logicalId: 'WebhookKey',
    next: 'In five minutes everything is signed by both. Rotate each webhook (sluice webhooks rotate <id>), give out the secrets that this shows, and run this with --end.',
  },
  pushes: {
    logicalId: 'ArrivalsPushSecret',
    next: 'Both are good. Give the new one to the store, and run this with --end.',
  },
} as const;

export type KeyName = keyof typeof KEYS;

/** A secret of Secrets Manager, as its JSON has it. `none` is no value. */
export type KeyPair = { readonly current: string; readonly previous: string };

/**
 * What the secret is to be: `rotate` keeps the old value as the previous one, `leaked` ends it at once, and
 * `end` ends the previous one.
 * @throws Error where a rotation would end one that is still in use
 */
export function rotate(
  { current, previous }: KeyPair,
  how: 'rotate' | 'leaked' | 'end',
  draw = () => randomBytes(32).toString('hex'),
): KeyPair {
  if (how === 'end') return { current, previous: 'none' };
  if (how === 'leaked') return { current: draw(), previous: 'none' };
  if (previous !== 'none') {
    throw new Error('The value before this one is still good. End it first, with --end.');
  }
  return { current: draw(), previous: current };
}
