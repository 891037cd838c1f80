import { familyOf, isContentType, normaliseContentType } from '@sluice/contract/content-types';
import { toServedName } from '@sluice/contract/filename';
import type { Upload } from '@sluice/contract/upload';
import { toDisposition } from './disposition.ts';
import type { Policies } from './policy.ts';

/** How long an address is valid where the policy does not say, or is not there any more. */
export const DOWNLOAD_EXPIRES_IN_SECONDS = 300;

/** One read of one stored object that somebody without credentials shall be able to make. */
export type AddressRequest = {
  readonly method: 'GET' | 'HEAD';
  readonly key: string;
  readonly expiresInSeconds: number;
  readonly signedAt: Date;
  /** headers to answer with in place of those that the object is stored with */
  readonly answer?: { readonly contentType: string; readonly contentDisposition: string };
};

/** Signs an address. `expiresAt` is never later than the end of what it is signed with. */
export type DownloadSigner = (
  request: AddressRequest,
) => Promise<{ readonly url: string; readonly expiresAt: Date }>;

export type AddressDeps = {
  readonly sign: DownloadSigner;
  readonly policies: Policies;
  readonly now: () => number;
};

/** How somebody wants to read a file. */
export type Reading = {
  /** to see it in the browser, if it is a file that merely shows */
  readonly inline?: boolean | undefined;
  readonly method?: 'GET' | 'HEAD';
};

/** Where a file can be read for a while, and whether a browser shows it there. */
export type Address = { readonly url: string; readonly expiresAt: Date; readonly inline: boolean };

/**
 * An address of an accepted file. Whether the caller may read it has been decided before. A browser shows the
 * file only if that is asked for, the policy allows it, and nothing of its type can run: else it is saved.
 */
export async function toAddress(
  { sign, policies, now }: AddressDeps,
  { key, filename, servedType, policy: name }: Upload,
  { inline = false, method = 'GET' }: Reading = {},
): Promise<Address> {
  // hasOwn: `constructor` is a property of every object, and not a policy.
  const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
  const shown =
    inline && policy?.inline === true && servedType !== undefined && merelyShows(servedType)
      ? {
          contentType: servedType,
          contentDisposition: toDisposition(toServedName(filename, servedType), 'inline'),
        }
      : undefined;
  const { url, expiresAt } = await sign({
    method,
    key,
    expiresInSeconds: policy?.downloadExpiresInSeconds ?? DOWNLOAD_EXPIRES_IN_SECONDS,
    signedAt: new Date(now()),
    ...(shown && { answer: shown }),
  });
  return { url, expiresAt, inline: shown !== undefined };
}

/**
 * True for what a browser does nothing with but show it: pictures, sound, film and PDF. SVG is markup, and so
 * is not among them; nor are a deployment's own types, of which nobody knows what a browser makes.
 */
export function merelyShows(servedType: string): boolean {
  const type = normaliseContentType(servedType);
  if (type === 'application/pdf') return true;
  return isContentType(type) && familyOf(type) === 'media' && /^(?:image|audio|video)\//.test(type);
}
