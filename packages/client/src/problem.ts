import type { QuotaLimits } from '@sluice/contract/quota';
import type { RefusalCode } from '@sluice/contract/refusals';
import type { State } from '@sluice/contract/state';
import type { RejectReason } from '@sluice/contract/verdict';
import { isFields } from './fields.ts';

/**
 * What the API says when it says no (RFC 9457). Switch on `code`; codes that are newer than this client may
 * come.
 */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: RefusalCode | 'internal' | (string & {});
  readonly requestId: string;
  readonly retryable: boolean;
  /** the field of the request at fault, as a dotted path */
  readonly field?: string;
  readonly state?: State;
  readonly reason?: RejectReason;
  /** what is left of the quota that the file goes beyond */
  readonly left?: QuotaLimits;
};

/** True when an answer's body is a problem of Sluice's own, rather than one of the gateway before it. */
export function isProblem(value: unknown): value is Problem {
  return isFields(value) && typeof value.code === 'string' && typeof value.retryable === 'boolean';
}
