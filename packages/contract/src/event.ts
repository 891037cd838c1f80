import type { Checksum } from './checksum.ts';
import type { Inspection } from './scan.ts';
import type { Readers, Upload } from './upload.ts';

/** What may happen to an upload that an app acts on. */
export const EVENT_TYPES = [
  'upload.accepted',
  'upload.rejected',
  'upload.expired',
  'upload.deleted',
  'upload.recalled',
  'upload.readers_changed',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/**
 * An upload as an event tells of it: enough to act on, and nothing that opens anything. Times are ISO 8601.
 */
export type EventData = {
  /** the upload's id */
  readonly id: string;
  readonly state: Upload['state'];
  /** key-safe, as everywhere in the service */
  readonly tenant: string;
  /** the owner's `sub` */
  readonly subject: string;
  readonly policy: string;
  /** the app's own id of what the file is for */
  readonly reference?: string;
  readonly grantId?: string;
  readonly filename: string;
  /** of an accepted file: the name that it is served under */
  readonly servedName?: string;
  /** of an accepted file the type that it is served with, of any other the declared one */
  readonly contentType: string;
  /** bytes */
  readonly size?: number;
  readonly checksum?: Checksum;
  readonly metadata: Readonly<Record<string, string>>;
  readonly readers: Readers;
  readonly createdAt: string;
  readonly settledAt?: string;
  /** why it was rejected, or recalled */
  readonly reason?: string;
  /** the same for people */
  readonly detail?: string;
  /** what scanners found in an infected file, by their own names; at most ten */
  readonly threats?: readonly string[];
  /** what inspection found in the file */
  readonly inspection?: Inspection;
};

/** An event with the attributes of CloudEvents 1.0. A repeat of the same event has the same id. */
export type UploadEvent = {
  readonly specversion: '1.0';
  /** `<upload id>.<state>`; of changed readers `<upload id>.readers.<revision>` */
  readonly id: string;
  /** `urn:sluice:<stage>` */
  readonly source: string;
  readonly type: EventType;
  /** the upload's id */
  readonly subject: string;
  /** when it happened */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: EventData;
};
