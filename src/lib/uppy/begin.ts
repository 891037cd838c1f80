import type { User } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import { toExactSize } from '@sluice/contract/size-text';
import { choosePolicy } from '../upload/choose-policy.ts';
import type { Policies } from '../upload/policy.ts';
import type { SessionTokens, UploadSession } from './session.ts';

/** Within which limits a caller wants to upload, and for how long. */
export type SessionWish = Omit<UploadSession, 'caller'> & { readonly expiresInSeconds: number };

type BeginDeps = {
  readonly policies: Policies;
  readonly tokens: SessionTokens;
  readonly now: () => number;
};

/**
 * Begins an upload session: returns a token. Anybody who has it can upload as this caller, within these
 * limits. Refuses `policy_unknown`, `type_not_allowed`, `session_max_bytes_invalid`.
 */
export function beginSession(
  { policies, tokens, now }: BeginDeps,
  caller: User,
  { expiresInSeconds, ...limits }: SessionWish,
): { readonly token: string; readonly expiresAt: Date } {
  const { policy: name, maxBytes, types = [] } = limits;
  // If nothing could ever be uploaded, say so now, not to somebody who has already chosen a file.
  for (const contentType of types) {
    choosePolicy(policies, { contentType, ...(name !== undefined && { policy: name }) });
  }
  const policy = name !== undefined && Object.hasOwn(policies, name) ? policies[name] : undefined;
  if (name !== undefined && policy === undefined) throw new Refusal('policy_unknown', { field: 'policy' });
  if (policy && maxBytes !== undefined && maxBytes < policy.minBytes) {
    throw new Refusal('session_max_bytes_invalid', {
      field: 'maxBytes',
      detail: `The policy takes files from ${toExactSize(policy.minBytes)}.`,
    });
  }
  // Whole seconds, as in the token.
  const expiresAt = (Math.floor(now() / 1000) + expiresInSeconds) * 1000;
  return { token: tokens.issue({ caller, ...limits }, expiresAt), expiresAt: new Date(expiresAt) };
}
