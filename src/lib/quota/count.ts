import { COUNTERS, type Counter, type QuotaLimits } from '@sluice/contract/quota';
import { Refusal } from '@sluice/contract/refusals';
import { toExactSize } from '@sluice/contract/size-text';

/** Whose uploads are counted: of a tenant, of one owner of it, or of one policy of either. */
export type Counted = { readonly tenant: string; readonly subject?: string; readonly policy?: string };

/** What is counted, as its row has it. */
export type Tally = {
  /** files that were accepted, and those that were requested and have not ended */
  readonly files: number;
  /** the bytes of those that were accepted, and what was set aside for the others */
  readonly bytes: number;
  /** how often the row was changed */
  readonly changes: number;
  /** what an operator has set for this one, in place of what is set for all */
  readonly ownLimits?: QuotaLimits;
};

/** A counter that an upload is to be in, as it is now, and its limits: its own, or those set for all. */
export type Count = Tally & { readonly counter: Counter; readonly id: string; readonly limits: QuotaLimits };

/**
 * The id of a counter's row. Rows of counters are in the table of grants, whose ids look like none of these.
 */
export function toCounterId(counter: Counter, { tenant, subject = '', policy = '' }: Counted): string {
  switch (counter) {
    case 'owner':
    case 'unfinished':
      return `${counter}#${JSON.stringify([tenant, subject])}`;
    case 'tenant':
      return `${counter}#${JSON.stringify([tenant])}`;
    case 'owner-policy':
      return `${counter}#${JSON.stringify([tenant, subject, policy])}`;
    case 'tenant-policy':
      return `${counter}#${JSON.stringify([tenant, policy])}`;
  }
}

/** The counter that an id is of; undefined for any other text. */
export function parseCounterId(id: string): (Counted & { readonly counter: Counter }) | undefined {
  const end = id.indexOf('#');
  const counter = COUNTERS.find((name) => name === id.slice(0, Math.max(0, end)));
  if (counter === undefined) return undefined;
  // Only toCounterId can have written what follows.
  const [tenant = '', second, third] = JSON.parse(id.slice(end + 1)) as readonly string[];
  const [subject, policy] = counter === 'tenant-policy' ? [undefined, second] : [second, third];
  return {
    counter,
    tenant,
    ...(subject !== undefined && { subject }),
    ...(policy !== undefined && { policy }),
  };
}

/** What is left in a counter; a limit that it does not have is absent. */
export function leftIn({ limits, files, bytes }: Pick<Count, 'limits' | 'files' | 'bytes'>): QuotaLimits {
  return {
    ...(limits.files !== undefined && { files: Math.max(0, limits.files - files) }),
    ...(limits.bytes !== undefined && { bytes: Math.max(0, limits.bytes - bytes) }),
  };
}

// Nobody knows when another upload of the owner ends. Most take seconds.
const UNFINISHED_AGAIN_AFTER_SECONDS = 5;

/**
 * Refuses a file that goes beyond a counter's limits: `quota_files_exceeded`, `quota_bytes_exceeded`,
 * `tenant_quota_files_exceeded`, `tenant_quota_bytes_exceeded`, `unfinished_too_many`. Of a tenant's quota it
 * does not say what is left: that would tell one owner how much the others upload.
 */
export function refuseFull(count: Count, bytes: number): void {
  const { counter, limits } = count;
  const left = leftIn(count);
  const noFile = left.files !== undefined && left.files < 1;
  if (!noFile && (left.bytes === undefined || bytes <= left.bytes)) return;
  switch (counter) {
    case 'unfinished':
      throw new Refusal('unfinished_too_many', {
        detail: `There may be ${limits.files} unfinished uploads at once: finish or delete one, then ask again.`,
        retryAfterSeconds: UNFINISHED_AGAIN_AFTER_SECONDS,
      });
    case 'tenant':
    case 'tenant-policy':
      throw new Refusal(noFile ? 'tenant_quota_files_exceeded' : 'tenant_quota_bytes_exceeded');
    case 'owner':
    case 'owner-policy': {
      const quota = counter === 'owner' ? 'the quota' : 'the quota for files of this policy';
      if (noFile) {
        throw new Refusal('quota_files_exceeded', {
          detail: `None is left of ${quota}, which is ${limits.files} files: delete one, then ask again.`,
          left,
        });
      }
      throw new Refusal('quota_bytes_exceeded', {
        field: 'size',
        detail: `The file counts with ${toExactSize(bytes)}, and ${quota} has ${toExactSize(left.bytes)} left.`,
        left,
      });
    }
  }
}
