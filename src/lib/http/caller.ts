import type { MiddlewareObj } from '@middy/core';
import type { Caller, Grantee, Scope, Service, User } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { parseContext } from '../caller/context.ts';
import { refuseEnded } from '../grant/check.ts';
import type { Grants } from '../grant/grant.ts';
import { type Granted, readGrantOf, toGrantee } from '../grant/read.ts';

/** Who may use a route. Whoever is not named may not. */
export type Takes = {
  readonly user?: true;
  /**
   * where the rows of grants are: each call reads its grant's, so that one that was revoked ends at once; or
   * `by-token` for a route that tells everybody the same
   */
  readonly grant?: Pick<Grants, 'read'> | 'by-token';
  /** the scope that a service needs, one of several of them, or `any` for every service */
  readonly service?: Scope | readonly Scope[] | 'any';
};

/** What a function needs that takes whoever has a grant. */
export type WithGrants = { readonly grants: Pick<Grants, 'read'> };

/** The callers that are left of all, once the route has refused the others. */
export type CallerTaken<T extends Takes> =
  | (T extends { user: true } ? User : never)
  | (T extends { grant: 'by-token' } ? Grantee : T extends { grant: object } ? Granted : never)
  | (T extends { service: Scope | readonly Scope[] | 'any' } ? Service : never);

/** A call on a route that has the authorizer, and who makes it. */
export type CallerEvent<T extends Takes> = APIGatewayProxyEventV2 & { readonly caller: CallerTaken<T> };

/**
 * The caller, by what the authorizer says of its token; nothing else in the request counts. Refuses
 * `token_invalid` where the authorizer said nothing, `token_expired`, what it refused itself,
 * `caller_kind_refused`, `scope_missing` and `grant_revoked`.
 */
export async function callerOf<const T extends Takes>(
  event: APIGatewayProxyEventV2,
  takes: T,
  now: number,
): Promise<CallerTaken<T>> {
  const { authorizer = {} } = event.requestContext as { readonly authorizer?: object };
  // For the seconds of a deployment in which the function is this one and its route has the authorizer of
  // 0.1.0 yet: clients try again by themselves, where a 401 would have people log in.
  if ('jwt' in authorizer) throw new Refusal('too_busy', { retryAfterSeconds: 2 });
  const known = parseContext('lambda' in authorizer ? authorizer.lambda : undefined);
  if ('refused' in known) throw new Refusal(known.refused);
  // API Gateway keeps what the authorizer answered for some minutes, whenever the token ends.
  if (now >= known.expiresAt) throw new Refusal('token_expired');
  const { caller } = known;
  if (isTaken(caller, takes)) {
    const rows = caller.kind === 'grant' ? takes.grant : undefined;
    if (caller.kind !== 'grant' || typeof rows !== 'object') return caller;
    const grant = await readGrantOf(rows, caller);
    refuseEnded(grant, now);
    // Sound: the route takes whoever has a grant, with its row.
    return toGrantee(grant) as Caller as CallerTaken<T>;
  }
  throw new Refusal('caller_kind_refused', {
    detail: `This route is not for a ${caller.kind}: it takes ${Object.keys(takes).join(', ')}.`,
  });
}

/**
 * Middleware of every function with the authorizer: refuses callers that it does not take, first of all.
 * @param onKnown hears who it is
 */
export function knownCaller<const T extends Takes>(
  takes: T,
  now: () => number,
  onKnown: (caller: Caller) => void,
): MiddlewareObj<CallerEvent<T>, APIGatewayProxyStructuredResultV2> {
  return {
    before: async ({ event }) => {
      const caller = await callerOf(event, takes, now());
      Object.assign(event, { caller });
      onKnown(caller);
    },
  };
}

function isTaken<T extends Takes>(caller: Caller, takes: T): caller is CallerTaken<T> {
  if (caller.kind !== 'service') return takes[caller.kind] !== undefined;
  const { service } = takes;
  if (service === undefined) return false;
  if (service === 'any') return true;
  const wanted = [service].flat();
  if (wanted.some((scope) => caller.scopes.includes(scope))) return true;
  throw new Refusal('scope_missing', { detail: `This route asks for the scope ${wanted.join(' or ')}.` });
}
