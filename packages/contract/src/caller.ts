import type { Owner } from './upload.ts';

/**
 * What a service may be allowed to do, one scope each. `tenants` lets it act for every tenant; without it, a
 * service acts for the one that its token names.
 */
export const SCOPES = [
  'uploads.read',
  'uploads.write',
  'uploads.delete',
  'grants',
  'events',
  'webhooks',
  'tenants',
] as const;

export type Scope = (typeof SCOPES)[number];

/** Somebody with a token of their own. */
export type User = Owner & { readonly kind: 'user' };

/** A backend of the team's. */
export type Service = {
  readonly kind: 'service';
  /** the id that its issuer knows it by */
  readonly client: string;
  readonly scopes: readonly Scope[];
  /** the only tenant that it acts for; absent with the scope `tenants` */
  readonly tenant?: string;
};

/** A browser or a phone that a service gave a grant to. Uploads are its owner's. */
export type Grantee = Owner & { readonly kind: 'grant'; readonly grantId: string };

/** Who calls. */
export type Caller = User | Service | Grantee;
