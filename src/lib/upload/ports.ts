import type { Checksum, ChecksumAlgorithm } from '@sluice/contract/checksum';
import type { Inspection, Scan, Scanner, ScanRequest, Scans } from '@sluice/contract/scan';
import type { State } from '@sluice/contract/state';
import type { Evidence, MultipartUpload, Readers, Upload } from '@sluice/contract/upload';
import type { RejectReason } from '@sluice/contract/verdict';
import type { UploadGrant } from '../grant/grant.ts';
import type { Count } from '../quota/count.ts';
import type { UnreadableRow } from './faults.ts';

/**
 * What a row gains as it moves. Fields not named keep their value; `dueAt: null` says that nothing is left to
 * do, `detail: null` that there is nothing to say to people any more.
 */
export type Changes = {
  readonly settledAt?: number;
  readonly dueAt?: number | null;
  /** seconds since the epoch after which the ledger may drop the row (DynamoDB's TTL unit) */
  readonly forgetAt?: number;
  readonly evidence?: Evidence;
  readonly servedType?: string;
  readonly reason?: RejectReason;
  readonly detail?: string | null;
  /** pins the version that scanners are asked about */
  readonly versionId?: string;
  /** in place of all that the row had */
  readonly scans?: Scans;
};

export type Claim =
  | { readonly kind: 'claimed'; readonly upload: Upload }
  /** another worker holds the lease */
  | { readonly kind: 'busy'; readonly upload: Upload }
  /** the row waits for its scanners, or for a person: `scanning`, `held` */
  | { readonly kind: 'waiting'; readonly upload: Upload }
  /** the upload has its verdict, or will never have one */
  | { readonly kind: 'settled'; readonly upload: Upload }
  /** no row of this id and key */
  | { readonly kind: 'unknown' };

/** What was found, and the rows that could not be read: those are reported, and stop nothing else. */
export type Rows = { readonly uploads: readonly Upload[]; readonly unreadable: readonly UnreadableRow[] };

/** `missing` are the ids that no row has. */
export type ReadRows = Rows & { readonly missing: readonly string[] };

/** What a list may be filtered by. */
export type Listed = Pick<Upload, 'id' | 'tenant' | 'subject' | 'reference' | 'state' | 'policy' | 'readers'>;

/** Which uploads to list: a tenant's, or only those of one owner, or of one reference, or in one state. */
export type ListQuery = {
  readonly tenant: string;
  readonly subject?: string;
  readonly reference?: string;
  readonly state?: State;
  /** only those for which this holds */
  readonly isWanted?: (upload: Listed) => boolean;
  readonly limit: number;
  readonly cursor?: string;
};

/** What an upload takes its bytes and itself from. */
export type Sources = { readonly grant?: UploadGrant; readonly counts?: readonly Count[] };

/** An upload that is to be recorded, and what it takes from. */
export type Recording = { readonly upload: Upload; readonly from?: Sources };

export type Page = Rows & { readonly cursor?: string };

/**
 * Adds several rows with all that they take, in one write, in which each counter and grant is written once
 * for all of them. False, and nothing is written, if they cannot be: one has been recorded before, there is
 * too little for all of them, or they are too many. To record each by itself then shows which.
 */
export type RecordTogether = (recordings: readonly Recording[]) => Promise<boolean>;

/**
 * The ledger: one row per upload. Every write is one conditional write, so any of them may be repeated. A row
 * that this code does not understand is never written to: single reads and claims of it throw UnreadableRow.
 */
export type Ledger = {
  /**
   * Adds a row. If the id exists already, its row is returned and nothing is written.
   * @param from what `upload.reserved` bytes and one upload are taken from, in the same write. Refuses, and
   * writes nothing, what goes beyond it: what refuseEnded, refuseUsedUp and refuseFull refuse
   */
  record(upload: Upload, from?: Sources): Promise<{ readonly created: boolean; readonly upload: Upload }>;
  read(id: string): Promise<Upload | undefined>;
  /** The rows of these ids, as they are now, in this order and each once, and the ids that have none. */
  readMany(ids: readonly string[]): Promise<ReadRows>;
  /**
   * The uploads asked for, newest first. A page may hold fewer than `limit`, or none, and still have a
   * cursor. A cursor is a place in time and says nothing of whose uploads they are: with another query it
   * reads what that query may read. Refuses `cursor_invalid`.
   */
  list(query: ListQuery): Promise<Page>;
  /**
   * Claims an upload for verification: raises its epoch and leases it to `worker` until `leaseEndsAt`. The
   * version that the first worker found stays pinned, so that later ones go on with the same bytes. Only a
   * `requested` row, or a `verifying` one whose lease has run out, can be claimed, and none of a newer
   * schema. The row is due at `dueAt` from now on, unless it is due within `dueBetween` already, both
   * included: a new due time costs two more writes.
   */
  claim(
    id: string,
    lease: {
      key: string;
      versionId?: string | undefined;
      worker: string;
      now: number;
      leaseEndsAt: number;
      dueAt: number;
      dueBetween?: readonly [number, number];
    },
  ): Promise<Claim>;
  /**
   * Moves a row from the state and epoch in which it was seen. `moved: false` comes with the row as it is
   * now. If the move has already happened in the same epoch, it counts as moved: its reply was lost. What the
   * row does not need any more goes back to where it was taken from in the same write, once (toSettlement). A
   * row that is moved to `verifying` is nobody's yet: whoever is first can claim it.
   */
  move(
    seen: Upload,
    to: State,
    changes: Changes,
  ): Promise<{ readonly moved: boolean; readonly upload: Upload | undefined }>;
  /**
   * Records what a scanner said in a row that is `scanning`, and leaves what others said alone.
   * `recorded: false` comes with the row as it is now: it has moved on since it was seen, or has something
   * else of this scanner by now. What has been recorded already counts as recorded: its reply was lost.
   */
  recordScan(
    seen: Upload,
    scanner: Scanner,
    scan: Scan,
    more?: { readonly inspection?: Inspection; readonly dueAt?: number },
  ): Promise<{ readonly recorded: boolean; readonly upload: Upload | undefined }>;
  /**
   * Sets who may read the file, and counts it in `readersRevision`, whatever state the row has moved to since
   * it was seen. `shared: false` comes with the row as it is now: it has ended, is gone, or somebody else has
   * changed its readers. A change that has been made already counts as shared: its reply was lost.
   */
  share(
    seen: Upload,
    readers: Readers,
  ): Promise<{ readonly shared: boolean; readonly upload: Upload | undefined }>;
  /** Sets when a row is due next, unless it has changed since it was seen. */
  postpone(seen: Upload, dueAt: number | null): Promise<void>;
  /**
   * Extends a worker's lease, and the time when the row is due unless that is later already; false if the
   * upload is no longer this worker's.
   */
  renew(upload: Upload, lease: { readonly leaseEndsAt: number; readonly dueAt: number }): Promise<boolean>;
  /**
   * Records in a row that waits for its multipart upload which call begins it now, or which upload was begun.
   * False, and nothing is written, if the row already has one, was taken over by another call, or has moved
   * on since it was seen.
   */
  begin(
    seen: Upload,
    by: { readonly beginsAt: number } | { readonly multipart: MultipartUpload },
  ): Promise<boolean>;
  /**
   * Changes the text for people in a row, unless the row has changed since it was seen. Nothing depends on
   * the text.
   */
  explain(seen: Upload, detail: string): Promise<void>;
  /**
   * Ends a worker's lease early, so that another may go on at once.
   * @param versionId pins this version from now on: the pinned one is gone, and this one is judged instead
   */
  release(upload: Upload, versionId?: string): Promise<void>;
  /** The shards over which rows that are due are spread, at random. */
  readonly dueShards: readonly string[];
  /**
   * Every row of a shard on which somebody must act, those first that have been due the longest, in pages of
   * at most a hundred.
   */
  due(shard: string, now: number): AsyncIterable<Rows>;
};

export type Place = 'incoming' | 'store' | 'quarantine';

/** A piece of an object, in bytes. */
export type ByteRange = { readonly start: number; readonly length: number };

/** What a HEAD says about an object. */
export type ObjectFacts = {
  /** bytes */
  readonly size: number;
  /** without quotes, which not every store sends */
  readonly etag: string;
  /**
   * of the bytes, in hexadecimals, if the store shows it: if the ETag is that of an object sent in one piece,
   * without a KMS key
   */
  readonly md5?: string;
  /** which of the object's versions this is; absent if the bucket keeps none */
  readonly versionId?: string;
  /** when it was last written: milliseconds since the epoch, by the store's clock, in whole seconds */
  readonly modifiedAt: number;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** Sluice's own in the store and in quarantine; a stranger's in incoming */
  readonly metadata: Readonly<Record<string, string>>;
  /** as S3 recorded them, whole-object only */
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
};

/** The headers that a copy is stored with. Nothing of the original's headers survives. */
export type StoredHeaders = {
  readonly contentType: string;
  readonly contentDisposition: string;
  readonly metadata: Readonly<Record<string, string>>;
};

/** A part that S3 holds of a multipart upload. */
export type ArrivedPart = {
  readonly partNumber: number;
  /** bytes */
  readonly size: number;
  /** with its quotes, as clients' are once they are parsed */
  readonly etag: string;
  readonly checksum?: Checksum;
};

/** Multipart uploads in the incoming bucket. */
export type Multipart = {
  /** Begins one and returns S3's id of it. Each call begins another. */
  create(upload: {
    readonly key: string;
    readonly contentType: string;
    readonly checksum?: Checksum;
  }): Promise<string>;
  /** Every part that has arrived, in order; undefined if S3 does not know the upload, or no longer. */
  list(upload: {
    readonly key: string;
    readonly uploadId: string;
  }): Promise<readonly ArrivedPart[] | undefined>;
  /**
   * Has S3 assemble the object: `made` also if the object is already there, `gone` if S3 does not know the
   * upload, or no longer, `busy` if it is working on the same key. Refuses `multipart_checksum_mismatch` if
   * the whole does not have the checksum, `parts_missing`, `part_size_wrong`.
   */
  complete(
    upload: { readonly key: string; readonly uploadId: string; readonly checksum?: Checksum },
    parts: readonly ArrivedPart[],
  ): Promise<'made' | 'gone' | 'busy'>;
  /** Gives up an upload and frees its parts; one that S3 does not know counts as given up. */
  abort(upload: { readonly key: string; readonly uploadId: string }): Promise<void>;
};

/** The three buckets. Every operation may be repeated. */
export type Objects = {
  /** Of the version named, or of the newest. Undefined when there is no such object. */
  facts(place: Place, key: string, versionId?: string): Promise<ObjectFacts | undefined>;
  /**
   * Bytes of exactly this version of an incoming object: as many as `range` asks for, or as many as the
   * object has from the start of the range. Never fewer: an answer that is cut short is a fault, not a short
   * file. Throws ObjectChanged.
   */
  readRange(key: string, facts: ObjectFacts, range: ByteRange, signal: AbortSignal): Promise<Uint8Array>;
  /**
   * Streams exactly this version of an incoming object through a hash, in bounded memory. Throws
   * ObjectChanged.
   */
  hash(key: string, facts: ObjectFacts, algorithm: ChecksumAlgorithm, signal: AbortSignal): Promise<Checksum>;
  /**
   * Copies exactly this version of an object, server-side, and compares the copy with the original.
   * An object that is already in the store is not replaced: `taken`. A store that cannot check this replaces
   * it by the same copy. Throws ObjectChanged, and CopyUnfinished for a large object when `signal` aborts.
   */
  copy(
    from: {
      /** incoming when absent */
      readonly place?: 'incoming' | 'store';
      readonly key: string;
      readonly facts: ObjectFacts;
    },
    to: { readonly place: 'store' | 'quarantine'; readonly key: string; readonly headers: StoredHeaders },
    signal: AbortSignal,
  ): Promise<'copied' | 'taken'>;
  /**
   * Removes exactly the object that was seen: in incoming this version for ever, elsewhere the object unless
   * it was replaced. One that is gone counts as removed. Throws ObjectChanged.
   */
  remove(place: Place, key: string, seen: ObjectFacts): Promise<void>;
};

/**
 * Has what stands before the store forget its copies of a file that was deleted. Copies are kept for those
 * who have an address that is still valid. Safe to repeat.
 */
export type ForgetCopies = (upload: Pick<Upload, 'id' | 'key'>) => Promise<void>;

/**
 * Asks scanners, each request after the delay. Their results come by a queue, some day, and more than once. A
 * repeated request is harmless. Throws, and asks nobody, if one of the scanners is not configured.
 * @param delaySeconds at most 900
 */
export type AskScanners = (requests: readonly ScanRequest[], delaySeconds: number) => Promise<void>;

/** The scanners of a deployment. */
export type Scanners = {
  readonly configured: ReadonlySet<Scanner>;
  readonly ask: AskScanners;
  /** where incoming objects are, as scanners are told */
  readonly bucket: string;
};
