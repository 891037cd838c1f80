import type { Checksum } from './checksum.ts';
import type { PartPlan } from './part-plan.ts';
import type { Counter } from './quota.ts';
import type { Inspection, Scans } from './scan.ts';
import type { State } from './state.ts';
import type { RejectReason } from './verdict.ts';

/** Whose an upload is: `tenant` is a key-safe name (see tenant.ts), `subject` the token's own `sub`. */
export type Owner = { readonly tenant: string; readonly subject: string };

/** What a client said of the file before it sent a byte. Judged against the object once it has arrived. */
export type Declaration = {
  readonly filename: string;
  readonly contentType: string;
  /**
   * bytes; absent where the client's protocol cannot say it beforehand (Uppy's), and the policy's limits
   * alone hold
   */
  readonly size?: number;
  /**
   * bytes; the most that the object may have, where that is less than the policy takes (an upload session's
   * own limit)
   */
  readonly maxBytes?: number;
  readonly checksum?: Checksum;
  /** the caller's own key-value pairs: stored in the ledger, given back as they came, never sent to S3 */
  readonly metadata: Readonly<Record<string, string>>;
};

/** Who may read an accepted file: its owner, everybody of the owner's tenant, or anybody at all. */
export const READERS = ['owner', 'tenant', 'anyone'] as const;

export type Readers = (typeof READERS)[number];

/** How the bytes travel: one PUT, one form, or a multipart upload. */
export const TRANSPORTS = ['put', 'post', 'multipart'] as const;

export type Transport = (typeof TRANSPORTS)[number];

/** A multipart upload under way in S3. The plan is absent where no size was declared. */
export type MultipartUpload = {
  /** S3's own id of it */
  readonly uploadId: string;
  readonly plan?: PartPlan;
};

/** What was seen of the object; kept in the ledger so that a verdict can be explained later. */
export type Evidence = {
  readonly etag: string;
  /** of the incoming object, where its bucket keeps versions */
  readonly versionId?: string;
  /** bytes */
  readonly size: number;
  /** the content type that the bytes themselves show, if any was recognised */
  readonly detectedType?: string;
  readonly checksum?: Checksum;
};

/** One upload as the ledger holds it. Times are milliseconds since the epoch. */
export type Upload = Declaration & {
  readonly id: string;
  readonly tenant: string;
  readonly subject: string;
  readonly policy: string;
  readonly transport: Transport;
  readonly multipart?: MultipartUpload;
  /** when a call set out to begin the multipart upload in S3; absent once that is begun */
  readonly beginsAt?: number;
  /** the object's key, the same in all three buckets */
  readonly key: string;
  readonly state: State;
  /**
   * the fencing token: counts the workers that have taken the upload up; a write with an older one never
   * commits
   */
  readonly epoch: number;
  readonly createdAt: number;
  /**
   * the version of the incoming object that is judged, since a worker first took it up; absent where the
   * bucket keeps none
   */
  readonly versionId?: string;
  /** when the signature given to the client ends */
  readonly expiresAt: number;
  readonly settledAt?: number;
  /** when somebody must act if nobody has; absent when nothing is left to do */
  readonly dueAt?: number;
  /**
   * the request id of the call that asked for the upload: carried through every log line up to the verdict
   */
  readonly correlationId: string;
  /** digest of the request that made this row, for a repeated Idempotency-Key */
  readonly fingerprint: string;
  readonly evidence?: Evidence;
  /** the content type that an accepted object is served with */
  readonly servedType?: string;
  readonly reason?: RejectReason;
  readonly detail?: string;
  /** what the scanners that its policy demands have said so far; absent where none was asked */
  readonly scans?: Scans;
  /** what the scanner `inspection` found in the file */
  readonly inspection?: Inspection;
  /** absent: only the owner */
  readonly readers?: Readers;
  /** counts how often the readers were changed */
  readonly readersRevision?: number;
  /** the app's own id of what the file is for */
  readonly reference?: string;
  /** the grant that it was requested under */
  readonly grantId?: string;
  /** bytes that were set aside for it in its grant and its counters, until it is settled */
  readonly reserved?: number;
  /** what it is counted in, as long as there is something to give back */
  readonly counters?: readonly Counter[];
};
