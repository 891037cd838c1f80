import type { NamedPolicy, PolicyList } from '@sluice/client/resource';
import { toDeclaredType } from '@sluice/contract/content-types';
import { flawOfExtension, flawOfName } from '@sluice/contract/filename';
import { toSize } from '@sluice/contract/size-text';
import { kindOf } from './kinds.ts';

export type Candidate = { readonly name: string; readonly type: string; readonly size: number };

/** How a file will be sent, or why it would be refused. */
export type Admission =
  | { readonly admitted: true; readonly contentType: string; readonly policy: NamedPolicy }
  | { readonly admitted: false; readonly contentType: string; readonly why: string };

/**
 * Says before a byte is sent what the API would say to a file, in words for people. It only spares the round
 * trip: the API, S3 and the verification each decide for themselves.
 * @param chosen the name of a policy; undefined for the first that takes the file's type
 */
export function admit(file: Candidate, chosen: string | undefined, list: PolicyList): Admission {
  // Where the browser knows no type, the extension says it.
  const said = file.type || 'application/octet-stream';
  const contentType = toDeclaredType({ filename: file.name, contentType: said });
  const refuse = (why: string): Admission => ({ admitted: false, contentType, why });

  const flaw = flawOfName(file.name);
  if (flaw !== undefined) return refuse(flaw.detail);

  const candidates = list.policies.filter(({ name }) => chosen === undefined || name === chosen);
  const policy = candidates.find(({ types }) => types.includes(contentType));
  if (policy === undefined) {
    const { family, title } = kindOf(contentType);
    const kind = family === 'other' ? (/\.[^.]{1,10}$/.exec(file.name)?.[0] ?? title) : title;
    const place = chosen === undefined ? 'here' : `as “${candidates[0]?.title ?? chosen}”`;
    return refuse(`Files of this kind (${kind}) are not taken ${place}.`);
  }
  const misnamed = flawOfExtension(file.name, contentType);
  if (misnamed !== undefined) return refuse(misnamed.detail);
  if (file.size < policy.minBytes) return refuse('The file is empty.');
  if (file.size > policy.maxBytes) {
    return refuse(`It is too large: at most ${toSize(policy.maxBytes)} are taken.`);
  }
  // Uppy declares no checksum, so the API would refuse it.
  if (policy.checksum === 'required') {
    return refuse(`“${policy.title}” takes files with a checksum only. Send it with the sluice command.`);
  }
  return { admitted: true, contentType, policy };
}
