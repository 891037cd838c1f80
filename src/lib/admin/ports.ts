import type { AdminQueue, Segment, ShownMessage } from '@sluice/contract/admin';
import type { State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import type { Count } from '../quota/count.ts';
import type { ObjectFacts, Place, Rows } from '../upload/ports.ts';

/** Which rows a walk through the table is to bring; all, where nothing is said. */
export type RowFilter = {
  readonly states?: readonly State[];
  readonly policy?: string;
  readonly reason?: string;
};

/** The ledger as operators use it, beside what the other functions do. */
export type AdminLedger = {
  /**
   * Looks at up to `limit` rows of the table after this id, in no order that means anything, and brings those
   * of the filter: as they were a moment ago. `next` is where to go on.
   * @param segment one of several parts of the table, to be walked through side by side
   */
  scan(
    filter: RowFilter,
    after: string | undefined,
    limit: number,
    segment?: Segment,
  ): Promise<Rows & { readonly next?: string }>;
  /**
   * Takes a verdict back: the row is `verifying` in an epoch of its own, due at `dueAt`, and whatever the
   * verdict left in it is gone. In the same write its bytes are taken from these counters again. Undefined if
   * the row has changed since it was seen. Refuses what refuseFull refuses.
   */
  reopen(seen: Upload, dueAt: number, taking: Taking): Promise<Upload | undefined>;
  /** Rows of another table of this form, which a backup was restored into. */
  readBackup(
    table: string,
    after: string | undefined,
    limit: number,
  ): Promise<{ readonly rows: readonly BackupRow[]; readonly next?: string }>;
  /**
   * Adds a row of a backup as it is, whatever version wrote it; false if the ledger has one of this id, which
   * is newer.
   * @param dueAt when somebody has to look at it
   */
  putBack(row: BackupRow, dueAt: number | undefined): Promise<boolean>;
  /**
   * Takes out of an ended row what tells of its owner's file, so that the id and the state are left until
   * `forgetAt` (seconds since the epoch). Nothing, if the row has changed since it was seen.
   */
  blank(seen: Upload, forgetAt: number): Promise<void>;
  /** Removes a row; false if it has changed since it was seen. */
  forget(seen: Upload): Promise<boolean>;
};

/** What an upload takes from its counters; nothing where there are none. */
export type Taking = { readonly bytes: number; readonly counts: readonly Count[] };

/** A row of a backup: what it says, if this version can read it, and the item itself. */
export type BackupRow = { readonly id: string; readonly upload?: Upload; readonly item: unknown };

/** The table of grants, as operators use it. */
export type AdminGrants = {
  /** Removes the grants of an owner, or of a tenant's owners, among up to `limit` rows after this id. */
  forgetOf(
    owner: { readonly tenant: string; readonly subject?: string },
    after: string | undefined,
    limit: number,
    dryRun: boolean,
  ): Promise<{ readonly forgotten: number; readonly next?: string }>;
};

/** One object of a listing, or one version of one. */
export type Listed = {
  readonly key: string;
  readonly versionId?: string;
  readonly isLatest: boolean;
  /** a marker that stands for a removed object */
  readonly isMarker?: boolean;
  /** bytes */
  readonly size: number;
  readonly etag?: string;
  /** milliseconds since the epoch */
  readonly modifiedAt?: number;
};

/** A multipart upload that nobody has completed. */
export type Unfinished = { readonly key: string; readonly uploadId: string; readonly startedAt?: number };

/** The buckets as listings, page by page: what a walk needs beside single objects. */
export type Buckets = {
  /** The newest versions of up to `limit` keys after this one, in the order of their names. */
  list(place: Place, after: string | undefined, limit: number): Promise<readonly Listed[]>;
  /** Every version and marker of exactly this key, newest first. */
  versions(place: Place, key: string): Promise<readonly Listed[]>;
  /** Unfinished multipart uploads into incoming whose keys begin so. */
  unfinished(prefix: string): Promise<readonly Unfinished[]>;
  /**
   * Copies an object from quarantine to incoming, unless something is there: `taken`. S3 then notifies of it
   * as of any other. Safe to repeat. Throws ObjectChanged, and CopyUnfinished for a large object when
   * `signal` aborts.
   */
  bringBack(
    upload: Pick<Upload, 'key' | 'contentType'>,
    facts: ObjectFacts,
    signal: AbortSignal,
  ): Promise<'copied' | 'taken'>;
  /** The same of an object of another bucket, which the deployment may read. */
  bringIn(
    upload: Pick<Upload, 'key' | 'contentType'>,
    from: { readonly bucket: string; readonly key: string; readonly facts: ObjectFacts },
    signal: AbortSignal,
  ): Promise<'copied' | 'taken'>;
  /** Removes exactly this version or marker for ever. One that is gone counts as removed. */
  removeVersion(place: Place, version: Pick<Listed, 'key' | 'versionId'>): Promise<void>;
};

/** What a look into a queue found; SQS can only be read from its beginning, and in no order. */
export type Peeked = {
  readonly found: readonly ShownMessage[];
  readonly messages: number;
  readonly isAll: boolean;
};

/** A message of a dead-letter queue, hidden from others for a while. */
export type DeadMessage = { readonly id: string; readonly body: string; readonly receipt: string };

/** The dead-letter queues. */
export type DeadLetters = {
  readonly queues: readonly AdminQueue[];
  /** Looks for messages, and leaves all where they are: they are hidden for some seconds. */
  peek(queue: AdminQueue, isWanted: (body: string) => boolean): Promise<Peeked>;
  /** How many messages a queue holds, as far as SQS knows, those that are hidden included. */
  count(queue: AdminQueue): Promise<number>;
  /** Some messages, which nobody else gets for a minute; none if the queue seems to be empty. */
  receive(queue: AdminQueue): Promise<readonly DeadMessage[]>;
  /** Lets others have a message at once that was received and is left alone. */
  release(queue: AdminQueue, message: DeadMessage): Promise<void>;
  /**
   * Sends a message to where it came from, and then removes it here: a run that dies in between leaves it in
   * both places, which is harmless.
   */
  putBack(queue: AdminQueue, message: DeadMessage): Promise<void>;
  /** Puts a message away where nobody works on it, with its cause, and then removes it here. */
  setAside(queue: AdminQueue, message: DeadMessage, cause: string): Promise<void>;
};
