import type { QuotaRules } from '@sluice/contract/quota';
import type { Owner } from '@sluice/contract/upload';
import { type Count, toCounterId } from './count.ts';
import type { Counters } from './ports.ts';
import type { Pace } from './rate.ts';
import { countersOf, type QuotaSettings } from './rules.ts';

/** What holds for the uploads of an owner, beside what their policy says of each file. */
export type OwnerLimits = {
  /** Counts a request of an owner. Refuses `requests_too_many`. */
  readonly pace: Pace;
  /** The counters that an upload is in, as they are now; none, and no call, where nothing is counted. */
  countsOf(
    owner: Owner,
    policy: { readonly name: string; readonly rules: { readonly quota?: QuotaRules } },
  ): Promise<readonly Count[]>;
};

/** The limits of a deployment. */
export function createOwnerLimits(
  settings: QuotaSettings,
  counters: Pick<Counters, 'read'>,
  pace: Pace,
): OwnerLimits {
  return {
    pace,
    countsOf: ({ tenant, subject }, { name, rules }) =>
      Promise.all(
        countersOf(settings, rules).map(async ({ counter, limits }) => {
          const id = toCounterId(counter, { tenant, subject, policy: name });
          const tally = await counters.read(id);
          return { ...tally, counter, id, limits: tally.ownLimits ?? limits };
        }),
      ),
  };
}
