import { isKnownType, normaliseContentType } from '@sluice/contract/content-types';
import { Refusal } from '@sluice/contract/refusals';
import type { Policies, Policy } from './policy.ts';

/**
 * The policy of an upload: the named one or, if none is named, the first that accepts the type.
 * Refuses `policy_unknown` and `type_not_allowed`, naming the field and what is allowed.
 */
export function choosePolicy(
  policies: Policies,
  wish: { readonly policy?: string; readonly contentType: string },
): readonly [name: string, policy: Policy] {
  const candidates = wish.policy === undefined ? Object.entries(policies) : [find(policies, wish.policy)];
  const type = normaliseContentType(wish.contentType);
  const chosen = candidates.find(([, { types }]) => isKnownType(type) && types.includes(type));
  if (chosen !== undefined) return chosen;
  const allowed = [...new Set(candidates.flatMap(([, { types }]) => types))].join(', ');
  throw new Refusal('type_not_allowed', {
    field: 'contentType',
    detail: `${type} is not taken. Allowed${wish.policy === undefined ? '' : ` by ${wish.policy}`}: ${allowed}.`,
  });
}

function find(policies: Policies, name: string): [string, Policy] {
  // hasOwn: `constructor` is a property of every object, and not a policy.
  const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
  if (policy !== undefined) return [name, policy];
  const names = Object.keys(policies).join(', ');
  throw new Refusal('policy_unknown', {
    field: 'policy',
    detail: `There is no such policy. Known: ${names}.`,
  });
}
