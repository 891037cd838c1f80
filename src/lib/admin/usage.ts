import { COUNTERS, type QuotaLimits } from '@sluice/contract/quota';
import { toExactSize } from '@sluice/contract/size-text';
import type { Upload } from '@sluice/contract/upload';
import { type Counted, toCounterId } from '../quota/count.ts';
import { countMissing, type MissingDeps } from '../quota/missing.ts';
import type { Counters } from '../quota/ports.ts';
import { recount } from '../quota/recount.ts';
import type { Ledger } from '../upload/ports.ts';
import { createTally, eachOf } from './tally.ts';
import type { Step } from './walk.ts';

export type UsageDeps = Omit<MissingDeps, 'uploadsOf'> & {
  readonly ledger: Pick<Ledger, 'list'>;
  readonly counters: Counters;
  /** waits until an index has heard of what was written before */
  readonly settle: () => Promise<unknown>;
  readonly signal: () => AbortSignal;
};

/** What to do beside looking. */
export type UsageWish = {
  /** counts the rows again, and corrects the counters with `repair` */
  readonly recount: boolean;
  readonly repair: boolean;
  /** sets limits of this owner's or tenant's own; `none` takes them away */
  readonly limits?: QuotaLimits | 'none';
};

/** A page of an owner's uploads; no step of this command is a place in a list. */
const PAGE_ROWS = 100;

/**
 * What an owner or a tenant has in its counters, one item each. A recount reads every row of theirs: it
 * fails, and changes nothing, where there are more than can be read in the time of one call.
 */
export function showUsage(deps: UsageDeps, whose: Counted, wish: UsageWish): Step {
  return async () => {
    const tally = createTally();
    if (wish.limits !== undefined) {
      const counter = whose.subject === undefined ? 'tenant' : 'owner';
      const limits = wish.limits === 'none' ? undefined : wish.limits;
      await deps.counters.setLimits(toCounterId(counter, whose), limits);
    }
    if (wish.recount) {
      const walked = { ...deps, uploadsOf: (one: Counted) => uploadsOf(deps, one) };
      await eachOf(
        tally,
        [whose],
        ({ tenant, subject = tenant }) => subject,
        async (one) => {
          const { missing, counted } = await countMissing(walked, one, wish);
          for (let n = 0; n < missing; n += 1) tally.note(n < counted ? 'counted in' : 'not counted');
        },
      );
    }
    await eachOf(
      tally,
      idsOf(deps, whose),
      (id) => id,
      async (id) => {
        const { files, bytes, changes, ownLimits } = await deps.counters.read(id);
        if (changes === 0) return;
        const own = ownLimits === undefined ? '' : `; limits of its own: ${describe(ownLimits)}`;
        const detail = `${files} files, ${toExactSize(bytes)}${own}`;
        if (!wish.recount) return tally.note('counted', { id, detail });
        const { outcome, found } = await recount({ ...deps, uploadsOf: (one) => uploadsOf(deps, one) }, id, {
          repair: wish.repair,
        });
        tally.note(outcome, {
          id,
          detail: `${detail}; found: ${found.files} files, ${toExactSize(found.bytes)}`,
        });
      },
    );
    return tally.page();
  };
}

/** The ids of all counters that may be theirs. */
function idsOf({ policies }: UsageDeps, whose: Counted): readonly string[] {
  const isOwner = whose.subject !== undefined;
  return COUNTERS.filter((counter) => counter.startsWith('tenant') !== isOwner).flatMap((counter) =>
    counter.endsWith('-policy')
      ? Object.keys(policies).map((policy) => toCounterId(counter, { ...whose, policy }))
      : [toCounterId(counter, whose)],
  );
}

async function* uploadsOf(
  { ledger, signal }: UsageDeps,
  { tenant, subject }: Counted,
): AsyncGenerator<readonly Upload[]> {
  const query = { tenant, ...(subject !== undefined && { subject }), limit: PAGE_ROWS };
  for (let cursor: string | undefined; ; ) {
    signal().throwIfAborted();
    const page = await ledger.list({ ...query, ...(cursor !== undefined && { cursor }) });
    // Whatever cannot be read may be counted: nothing can be said then.
    const [unreadable] = page.unreadable;
    if (unreadable !== undefined) throw unreadable;
    yield page.uploads;
    if (page.cursor === undefined) return;
    cursor = page.cursor;
  }
}

function describe({ files, bytes }: QuotaLimits): string {
  const parts = [
    ...(files === undefined ? [] : [`${files} files`]),
    ...(bytes === undefined ? [] : [toExactSize(bytes)]),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}
