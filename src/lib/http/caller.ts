import type { MiddlewareObj } from '@middy/core';
import type { Caller, Grantee, Scope, Service, User } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { parseContext } from '../caller/context.ts';

/** Who may use a route. Whoever is not named may not. */
export type Takes = {
  readonly user?: true;
  readonly grant?: true;
  /** the scope that a service needs, one of several of them, or `any` for every service */
  readonly service?: Scope | readonly Scope[] | 'any';
};

/** The callers that are left of all, once the route has refused the others. */
export type CallerTaken<T extends Takes> =
  | (T extends { user: true } ? User : never)
  | (T extends { grant: true } ? Grantee : never)
  | (T extends { service: Scope | readonly Scope[] | 'any' } ? Service : never);

/** A call on a route that has the authorizer, and who makes it. */
export type CallerEvent<T extends Takes> = APIGatewayProxyEventV2 & { readonly caller: CallerTaken<T> };

/**
 * The caller, by what the authorizer says of its token; nothing else in the request counts. Refuses
 * `token_invalid` where the authorizer said nothing, `token_expired`, what it refused itself,
 * `caller_kind_refused` and `scope_missing`.
 */
export function callerOf<const T extends Takes>(
  event: APIGatewayProxyEventV2,
  takes: T,
  now: number,
): CallerTaken<T> {
  const { authorizer = {} } = event.requestContext as { readonly authorizer?: object };
  // For the seconds of a deployment in which the function is this one and its route has the authorizer of
  // 0.3.0 yet: clients try again by themselves, where a 401 would have people log in.
  if ('jwt' in authorizer) throw new Refusal('too_busy', { retryAfterSeconds: 2 });
  const known = parseContext('lambda' in authorizer ? authorizer.lambda : undefined);
  if ('refused' in known) throw new Refusal(known.refused);
  // API Gateway keeps what the authorizer answered for some minutes, whenever the token ends.
  if (now >= known.expiresAt) throw new Refusal('token_expired');
  const { caller } = known;
  if (isTaken(caller, takes)) return caller;
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
    before: ({ event }) => {
      const caller = callerOf(event, takes, now());
      Object.assign(event, { caller });
      onKnown(caller);
    },
  };
}

function isTaken<T extends Takes>(caller: Caller, takes: T): caller is CallerTaken<T> {
  if (caller.kind !== 'service') return takes[caller.kind] === true;
  const { service } = takes;
  if (service === undefined) return false;
  if (service === 'any') return true;
  const wanted = [service].flat();
  if (wanted.some((scope) => caller.scopes.includes(scope))) return true;
  throw new Refusal('scope_missing', { detail: `This route asks for the scope ${wanted.join(' or ')}.` });
}
