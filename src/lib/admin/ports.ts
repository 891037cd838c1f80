import type { ShownMessage } from '@sluice/contract/admin';
import type { Place } from '../upload/ports.ts';

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
};

/** The queues that an operator looks into, by the names that commands have for them. */
export type QueueName = 'arrivals' | 'events' | 'webhooks';

/** What a look into a queue found; SQS can only be read from its beginning, and in no order. */
export type Peeked = {
  readonly found: readonly ShownMessage[];
  readonly messages: number;
  readonly isAll: boolean;
};

/** The dead-letter queues. */
export type DeadLetters = {
  readonly queues: readonly QueueName[];
  /** Looks for messages, and leaves all where they are: they are hidden for some seconds. */
  peek(queue: QueueName, isWanted: (body: string) => boolean): Promise<Peeked>;
};
