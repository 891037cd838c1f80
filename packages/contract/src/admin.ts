import type { QuotaLimits } from './quota.ts';
import type { State } from './state.ts';
import type { Owner } from './upload.ts';

/** What an operator may ask of a deployment: `sluice admin <name>`. */
export const ADMIN_COMMANDS = [
  'show',
  'announce',
  'redrive',
  'rejudge',
  'rescan',
  'reconcile',
  'restore',
  'erase',
  'export',
  'block',
  'unblock',
  'usage',
  'adopt',
] as const;

export type AdminCommand = (typeof ADMIN_COMMANDS)[number];

/** What every call says, whatever the command. */
type AnyCall = {
  readonly schema: 1;
  /** nothing is changed, and the answer says what would be */
  readonly dryRun?: boolean;
  /** where the last answer ended; the first page when absent */
  readonly cursor?: string;
  /** who asks, as the caller says; only CloudTrail knows it */
  readonly operator?: string;
};

/** The dead-letter queues that can be sent again. */
export const ADMIN_QUEUES = ['arrivals', 'events', 'webhooks', 'scans'] as const;

export type AdminQueue = (typeof ADMIN_QUEUES)[number];

/** Rejected uploads. Times are milliseconds since the epoch. */
export type RejectedSo = { readonly policy?: string; readonly since?: number; readonly reason?: string };

/** One of `of` parts of the ledger, counted from 0, that are walked through side by side. */
export type Segment = { readonly number: number; readonly of: number };

/** An object as a report of S3 Inventory has it. */
export type ReportedObject = {
  readonly key: string;
  /** bytes */
  readonly size: number;
};

/** Most objects, or ids, of one call about a report. */
export const REPORTED_AT_MOST = 5_000;

/** Reports of S3 Inventory are compared part by part, by who reads them. */
export type ReportPart =
  /** some objects of a bucket; without any, the answer only says which of the buckets it is */
  | { readonly kind: 'objects'; readonly bucket: string; readonly objects: readonly ReportedObject[] }
  /**
   * the rows; accepted ones are not looked up, but their keys are listed (`accepted`), unless they are newer
   * than the report. `madeAt` is in milliseconds since the epoch
   */
  | { readonly kind: 'rows'; readonly madeAt: number; readonly segment?: Segment }
  /** accepted uploads whose files no report has */
  | { readonly kind: 'files'; readonly ids: readonly string[] };

/** One call of the function `administer`: a page of a command's work. */
export type AdminCall = AnyCall &
  (
    | { readonly command: 'show'; readonly id: string; readonly key?: string }
    /** these uploads, or whatever has been in incoming for so long */
    | { readonly command: 'announce'; readonly ids: readonly string[]; readonly stuckForSeconds?: never }
    | { readonly command: 'announce'; readonly stuckForSeconds: number; readonly ids?: never }
    /** every cause, but what would fail again as things are, when no causes are named */
    | { readonly command: 'redrive'; readonly queue: AdminQueue; readonly causes?: readonly string[] }
    /** these uploads, or whatever was rejected so */
    | { readonly command: 'rejudge'; readonly ids: readonly string[]; readonly where?: never }
    | {
        readonly command: 'rejudge';
        readonly where: RejectedSo;
        readonly ids?: never;
        readonly segment?: Segment;
      }
    /** these files, or those that were accepted so */
    | { readonly command: 'rescan'; readonly ids: readonly string[]; readonly where?: never }
    | {
        readonly command: 'rescan';
        readonly where: Omit<RejectedSo, 'reason'>;
        readonly ids?: never;
        readonly segment?: Segment;
      }
    | {
        readonly command: 'reconcile';
        readonly repair?: boolean;
        /** moves files of the store that no row knows to quarantine */
        readonly orphans?: 'set-aside';
        /** ends accepted uploads whose file is gone */
        readonly missing?: 'end';
        /** in place of listing the buckets */
        readonly report?: ReportPart;
      }
    | {
        readonly command: 'usage';
        readonly tenant: string;
        readonly subject?: string;
        /** counts the rows again */
        readonly recount?: boolean;
        /** corrects what a recount finds wrong */
        readonly repair?: boolean;
        /** limits of their own, in place of those set for all */
        readonly limits?: QuotaLimits | 'none';
      }
    | {
        readonly command: 'adopt';
        readonly bucket: string;
        readonly prefix?: string;
        readonly policy: string;
        readonly tenant: string;
        readonly subject: string;
        /** only lists the keys, for a manifest of S3 Batch Operations */
        readonly isList?: boolean;
      }
    | { readonly command: 'restore'; readonly table: string }
    | {
        readonly command: 'erase' | 'export' | 'block' | 'unblock';
        readonly tenant: string;
        readonly subject?: string;
      }
  );

/** What became of one thing that the command looked at. */
export type AdminItem = {
  /** an upload's id, a key, or whatever the command is about */
  readonly id: string;
  /** one of the words that `counts` counts */
  readonly outcome: string;
  /** for people */
  readonly detail?: string;
  /** of an export: the row, and where the file of an accepted upload can be fetched for a while */
  readonly row?: Readonly<Record<string, unknown>>;
  readonly url?: string;
  /** of an export: where that file is in S3 */
  readonly store?: { readonly bucket: string; readonly key: string };
};

/** A page of a command's work. `counts` and `items` are of this page alone. */
export type AdminPage = {
  readonly counts: Readonly<Record<string, number>>;
  readonly items: readonly AdminItem[];
  /** where the next page begins; absent when the work is done */
  readonly cursor?: string;
  /** what the operator has to know beside that, in whole sentences; of the last page */
  readonly notes?: readonly string[];
};

/** Why nothing was done: the call is malformed, or asks for what cannot be had. */
export type AdminRefusal = { readonly error: { readonly code: string; readonly message: string } };

/** One object, or one version of one. */
export type ShownObject = {
  readonly place: 'incoming' | 'store' | 'quarantine';
  readonly key: string;
  readonly versionId?: string;
  /** false for a version that another one or a marker stands before */
  readonly isLatest: boolean;
  /** a marker of S3's that stands for a removed object, and has no bytes */
  readonly isMarker?: boolean;
  /** bytes */
  readonly size: number;
  readonly etag?: string;
  /** ISO 8601 */
  readonly modifiedAt?: string;
  /** of the newest version alone */
  readonly metadata?: Readonly<Record<string, string>>;
};

/** A message of a dead-letter queue that names the upload. */
export type ShownMessage = { readonly queue: string; readonly messageId: string; readonly body: string };

/** What to do next, and the commands for it. */
export type Advice = { readonly text: string; readonly commands: readonly string[] };

/** All that the deployment knows of one upload. */
export type ShownUpload = {
  readonly id: string;
  readonly key?: string;
  readonly state?: State;
  readonly owner?: Owner;
  /** as it stands in the ledger, for people; absent where there is none */
  readonly row?: Readonly<Record<string, unknown>>;
  /** why the row cannot be read, if so */
  readonly unreadable?: string;
  readonly objects: readonly ShownObject[];
  /** parts of an upload that nobody has completed */
  readonly unfinished: readonly { readonly uploadId: string; readonly startedAt?: string }[];
  readonly messages: readonly ShownMessage[];
  /** how many messages of the dead-letter queues were looked at, and whether there are more */
  readonly searched: Readonly<Record<string, { readonly messages: number; readonly isAll: boolean }>>;
  readonly advice: readonly Advice[];
};
