import type { Checksum } from '@sluice/contract/checksum';
import type { PolicyRules } from '@sluice/contract/policy-rules';
import type { Usage } from '@sluice/contract/quota';
import type { Inspection, Scanner, ScanOutcome } from '@sluice/contract/scan';
import type { State } from '@sluice/contract/state';
import type { Owner, Readers, Transport } from '@sluice/contract/upload';
import type { RejectReason } from '@sluice/contract/verdict';
import { isFields } from './fields.ts';
import type { Problem } from './problem.ts';

/** An upload as the API tells of it. Times are ISO 8601, sizes bytes. */
export type Upload = {
  readonly id: string;
  /** whose it is; services are told */
  readonly owner?: Owner | undefined;
  readonly state: State;
  readonly filename: string;
  readonly contentType: string;
  /** as declared, else as found; absent while neither is known, as of one that Uppy is sending */
  readonly size?: number;
  readonly policy: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** who may read it once it is accepted; absent in answers of versions before */
  readonly readers?: Readers | undefined;
  /** the id of your own that it was requested with */
  readonly reference?: string | undefined;
  readonly checksum?: Checksum | undefined;
  readonly transport: Transport;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly settledAt?: string;
  /** the type that an accepted file is served with */
  readonly servedType?: string;
  /**
   * the name that an accepted file is downloaded under: its own, with the extension of its type where that
   * had none
   */
  readonly servedName?: string;
  /** the type that the bytes themselves show */
  readonly detectedType?: string;
  readonly reason?: RejectReason;
  readonly detail?: string;
  /** what the scanners that its policy demands have said so far */
  readonly scans?: { readonly [Name in Scanner]?: ScanOutcome };
  /** what scanners found in an infected file, by their own names */
  readonly threats?: readonly string[];
  /** what inspection found in the file */
  readonly inspection?: Inspection;
};

/** One PUT. All headers are signed and are sent as they are. */
export type PutGrant = {
  readonly url: string;
  readonly method: 'PUT';
  readonly headers: Readonly<Record<string, string>>;
};

/** One multipart/form-data POST: every field as given, then the file. */
export type PostGrant = { readonly url: string; readonly fields: Readonly<Record<string, string>> };

/** A plan of parts. Every part but the last has `partSize` bytes; `parts` are the first ones, signed. */
export type MultipartGrant = {
  readonly partSize: number;
  readonly partCount: number;
  readonly parts: readonly { readonly partNumber: number; readonly url: string }[];
  readonly urlsExpireAt: string;
};

/**
 * The answer to a request. No grant: a repeated request, and the first one's bytes are on their way or its
 * time is up.
 */
export type RequestedUpload = Upload & {
  readonly put?: PutGrant;
  readonly post?: PostGrant;
  readonly multipart?: MultipartGrant;
};

/** All parts, signed. The URL of one is `prefix + partNumber + suffix + signatures[partNumber - 1]`. */
export type CompactParts = {
  readonly prefix: string;
  readonly suffix: string;
  readonly signatures: readonly string[];
  readonly expiresAt: string;
};

/** A part that S3 holds. */
export type ArrivedPart = { readonly partNumber: number; readonly size: number; readonly etag: string };

/** What has arrived of a multipart upload. No plan where no size was declared. */
export type ArrivedParts = {
  readonly partSize?: number;
  readonly partCount?: number;
  readonly parts: readonly ArrivedPart[];
};

export type UploadPage = { readonly uploads: readonly Upload[]; readonly cursor?: string };

/** Where an accepted file can be read for a while. */
export type Download = {
  readonly url: string;
  readonly expiresAt: string;
  /** whether a browser shows the file there; absent in answers of versions before, which it saves */
  readonly inline?: boolean;
};

/** One of many files: where it can be read, or why not. */
export type DownloadResult = { readonly id: string } & Addressed;

export type Addressed =
  | (Download & { readonly problem?: undefined })
  | { readonly problem: Problem; readonly url?: undefined };

export type NamedPolicy = PolicyRules & { readonly name: string; readonly types: readonly string[] };

export type PolicyList = {
  readonly policies: readonly NamedPolicy[];
  readonly singleUploadMaxBytes: number;
  /** types that this deployment knows by itself; absent in answers of versions before */
  readonly ownTypes?: readonly { readonly type: string; readonly extensions: readonly string[] }[];
};

// These tell an answer of Sluice's from a proxy's or a wrong address's; they do not re-prove the API's own
// contract.
export function isUpload(value: unknown): value is RequestedUpload {
  return isFields(value) && typeof value.id === 'string' && typeof value.state === 'string';
}

export function isUploadPage(value: unknown): value is UploadPage {
  return isFields(value) && Array.isArray(value.uploads);
}

export function isCompactParts(value: unknown): value is CompactParts {
  return isFields(value) && typeof value.prefix === 'string' && Array.isArray(value.signatures);
}

export function isArrivedParts(value: unknown): value is ArrivedParts {
  return isFields(value) && Array.isArray(value.parts);
}

export function isDownload(value: unknown): value is Download {
  return isFields(value) && typeof value.url === 'string';
}

export function isPolicyList(value: unknown): value is PolicyList {
  return isFields(value) && Array.isArray(value.policies);
}

export function isUsage(value: unknown): value is Usage {
  return isFields(value) && typeof value.tenant === 'string' && isFields(value.policies);
}

/** What many entries of one call came to, each at its own position. */
export function isResults<Entry>(value: unknown): value is { readonly results: readonly Entry[] } {
  return isFields(value) && Array.isArray(value.results);
}
