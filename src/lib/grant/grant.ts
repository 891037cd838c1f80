import type { Owner } from '@sluice/contract/upload';

/** How long a grant may last. Even somebody who has stolen the key cannot make a longer one. */
export const MAX_GRANT_SECONDS = 86_400;

/** Who made a grant: a person, for themself, or a service. */
export type Granter = { readonly kind: 'user' | 'service'; readonly id: string };

/** What a grant allows. A limit that is absent leaves the policy's own. */
export type GrantLimits = {
  /** the only policy of the grant; without it, the first that accepts the type, as everywhere */
  readonly policy?: string;
  /** canonical content types */
  readonly types?: readonly string[];
  /** the limit for each file, in bytes */
  readonly maxBytes?: number;
  /** how many files in all */
  readonly uploads?: number;
  /** how many bytes in all */
  readonly bytes?: number;
};

/**
 * Leave for a browser or a phone to upload as its owner, within limits. Times are milliseconds since the
 * epoch.
 */
export type UploadGrant = Owner &
  GrantLimits & {
    readonly id: string;
    /** goes into every upload, over what the client says under the same key */
    readonly metadata: Readonly<Record<string, string>>;
    /** the app's own id of what the files are for; goes into every upload */
    readonly reference?: string;
    readonly createdBy: Granter;
    readonly createdAt: number;
    readonly expiresAt: number;
    readonly revokedAt?: number | undefined;
    /** files that were requested under it and have not ended without being accepted */
    readonly takenUploads: number;
    /** the bytes of those that were accepted, and what was set aside for the others */
    readonly takenBytes: number;
  };

/** Grants, one row each. Every write is one conditional write, so any of them may be repeated. */
export type Grants = {
  /** Adds a row. */
  record(grant: UploadGrant): Promise<void>;
  read(id: string): Promise<UploadGrant | undefined>;
  /** Ends a grant, and returns it; the first time counts. Undefined if there is no such grant. */
  revoke(id: string, revokedAt: number): Promise<UploadGrant | undefined>;
};
