import type { EventType } from '@sluice/contract/event';

/** The signatures that an endpoint may ask for: HMAC by a secret of its own, and ed25519. */
export const SIGNATURE_KINDS = ['v1', 'v1a'] as const;

export type SignatureKind = (typeof SIGNATURE_KINDS)[number];

/** Whose uploads an endpoint hears of: those of one tenant, or of all of them. */
export type Scope = string;

/** No tenant's name has an asterisk. */
export const ALL_TENANTS: Scope = '*';

/** The endpoint that the deployment itself names, by its parameter `webhookUrl`. */
export const DEPLOYMENTS_OWN = 'deployment';

export const LIMITS = {
  /** in one scope */
  endpoints: 20,
  urlCharacters: 2_048,
  /** how many deliveries to one endpoint are under way at once */
  slots: 8,
  bodyBytes: 20_000,
  timeoutMs: 15_000,
  /** how long the secret before a rotation is still signed with */
  overlapMs: 24 * 3_600_000,
  /** of a delivery, the newest ones */
  attemptsKept: 20,
} as const;

/** An address that is told of events. */
export type Endpoint = {
  readonly id: string;
  readonly scope: Scope;
  readonly url: string;
  readonly types: readonly EventType[];
  readonly signatures: readonly SignatureKind[];
  readonly enabled: boolean;
  /** it answered 410 */
  readonly isGone?: boolean;
  readonly createdAt: number;
  /** which secret, counted from 1 */
  readonly version: number;
  /** when the secret before this one ends */
  readonly previousUntil?: number;
  /** nothing is sent before: it asked for that, or did not answer */
  readonly pausedUntil?: number;
  /** how many pauses there were since it last took a delivery */
  readonly pauses?: number;
  /** counts changes, so that two at once are not mixed */
  readonly revision: number;
};

/** Whether an endpoint is to hear of events of this type. */
export function takes({ enabled, types }: Endpoint, type: EventType): boolean {
  return enabled && types.includes(type);
}

/** The secrets' versions that count now, the newest first. */
export function versionsOf({ version, previousUntil = 0 }: Endpoint, now: number): readonly number[] {
  return previousUntil > now ? [version, version - 1] : [version];
}
