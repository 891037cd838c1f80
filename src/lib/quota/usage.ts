import type { Counter, CounterUsage, QuotaLimits, QuotaRules, Usage } from '@sluice/contract/quota';
import { Refusal } from '@sluice/contract/refusals';
import { type Counted, leftIn, toCounterId } from './count.ts';
import type { Counters } from './ports.ts';
import { countersOf, type QuotaSettings } from './rules.ts';

export type UsageDeps = {
  readonly counters: Pick<Counters, 'read'>;
  readonly settings: QuotaSettings;
  readonly policies: Readonly<Record<string, { readonly quota?: QuotaRules }>>;
};

const OF_OWNER: readonly Counter[] = ['owner', 'owner-policy', 'unfinished'];
const OF_TENANT: readonly Counter[] = ['tenant', 'tenant-policy'];

/**
 * What an owner has, or a tenant as a whole, and what is left. Files that were accepted count, and those that
 * were requested and have not ended, with all the bytes that they may have. Refuses `usage_not_counted` where
 * nothing of it is counted.
 */
export async function readUsage(deps: UsageDeps, whose: Omit<Counted, 'policy'>): Promise<Usage> {
  const { counters, settings, policies } = deps;
  const asked = whose.subject === undefined ? OF_TENANT : OF_OWNER;
  const read = async (counter: Counter, limits: QuotaLimits, policy?: string): Promise<CounterUsage> => {
    const id = toCounterId(counter, { ...whose, ...(policy !== undefined && { policy }) });
    const { files, bytes, ownLimits } = await counters.read(id);
    const holding = ownLimits ?? limits;
    return {
      files,
      ...(counter !== 'unfinished' && { bytes }),
      limits: holding,
      left: leftIn({ limits: holding, files, bytes }),
    };
  };

  const ofAll = countersOf(settings, {}).filter(({ counter }) => asked.includes(counter));
  const ofPolicies = Object.entries(policies).flatMap(([policy, rules]) =>
    countersOf(settings, rules)
      .filter(({ counter }) => asked.includes(counter) && counter.endsWith('-policy'))
      .map((one) => ({ ...one, policy })),
  );
  if (ofAll.length + ofPolicies.length === 0) throw new Refusal('usage_not_counted');

  const usage: { -readonly [Name in keyof Usage]: Usage[Name] } = { ...whose, policies: {} };
  for (const { counter, limits } of ofAll) {
    usage[counter === 'unfinished' ? 'unfinished' : 'all'] = await read(counter, limits);
  }
  const named = await Promise.all(
    ofPolicies.map(
      async ({ counter, limits, policy }) => [policy, await read(counter, limits, policy)] as const,
    ),
  );
  return { ...usage, policies: Object.fromEntries(named) };
}
