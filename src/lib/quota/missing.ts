import type { Counter, QuotaRules } from '@sluice/contract/quota';
import type { Upload } from '@sluice/contract/upload';
import type { Counted } from './count.ts';
import type { RecountDeps } from './recount.ts';
import { countersOf, type QuotaSettings } from './rules.ts';

export type MissingDeps = Pick<RecountDeps, 'uploadsOf'> & {
  readonly settings: QuotaSettings;
  readonly policies: Readonly<Record<string, { readonly quota?: QuotaRules }>>;
  /** Counts a file in counters that it is not in yet; false if its row has changed since it was seen. */
  readonly countIn: (seen: Upload, counters: readonly Counter[]) => Promise<boolean>;
};

/**
 * The counters that an accepted file should be in and is not, because it was requested before its owner, its
 * tenant or its policy was counted.
 */
export function missingFrom(
  settings: QuotaSettings,
  policy: { readonly quota?: QuotaRules } | undefined,
  { state, counters = [] }: Pick<Upload, 'state' | 'counters'>,
): readonly Counter[] {
  if (state !== 'accepted') return [];
  return countersOf(settings, policy ?? {})
    .map(({ counter }) => counter)
    .filter((counter) => counter !== 'unfinished' && !counters.includes(counter));
}

/**
 * How many accepted files of an owner or a tenant are missing from their counters, and with `repair` counts
 * them there, whatever the limits say. A file whose row changes meanwhile is left for the next time. Safe to
 * repeat.
 */
export async function countMissing(
  { uploadsOf, settings, policies, countIn }: MissingDeps,
  whose: Counted,
  { repair }: { readonly repair: boolean },
): Promise<{ readonly missing: number; readonly counted: number }> {
  let [missing, counted] = [0, 0];
  for await (const uploads of uploadsOf(whose)) {
    for (const upload of uploads) {
      const policy = Object.hasOwn(policies, upload.policy) ? policies[upload.policy] : undefined;
      const counters = missingFrom(settings, policy, upload);
      if (counters.length === 0) continue;
      missing += 1;
      if (repair && (await countIn(upload, counters))) counted += 1;
    }
  }
  return { missing, counted };
}
