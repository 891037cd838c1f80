import type { ReaderRules } from '@sluice/contract/policy-rules';
import { Refusal } from '@sluice/contract/refusals';
import type { Readers } from '@sluice/contract/upload';
import type { Policies } from './policy.ts';

/** Of a policy that says nothing of readers, and of one that was removed since. */
const OWNER_ONLY: ReaderRules = { allowed: ['owner'], default: 'owner' };

/** Who may read the files of the policy of this name. */
export function readerRulesOf(policies: Policies, name: string): ReaderRules {
  // hasOwn: `constructor` is a property of every object, and not a policy.
  return (Object.hasOwn(policies, name) ? policies[name]?.readers : undefined) ?? OWNER_ONLY;
}

/**
 * The readers that an upload gets: those asked for, or the policy's own. Refuses `readers_not_allowed`, with
 * what is allowed.
 */
export function chooseReaders({ allowed, default: usual }: ReaderRules, asked: Readers = usual): Readers {
  if (allowed.includes(asked)) return asked;
  throw new Refusal('readers_not_allowed', {
    field: 'readers',
    detail: `The policy does not let ${asked} read its files. Allowed: ${allowed.join(', ')}.`,
  });
}
