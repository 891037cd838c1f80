import type { CompactParts, MultipartGrant } from './resource.ts';

/** Where the parts of one upload go. */
export type PartUrls = {
  /** The URL of a part, signed when none is held that lasts. */
  of(partNumber: number): Promise<string>;
  /** Another URL of a part whose last one was refused. */
  renew(partNumber: number, refused: string): Promise<string>;
};

type Held = { readonly urlOf: (partNumber: number) => string | undefined; readonly endsAt: number };

/**
 * The URLs of an upload's parts: at first those that came with the upload, then all of them in one call, and all of
 * them again when they end. Parts that ask at the same time share a call.
 */
export function createPartUrls(
  sign: () => Promise<CompactParts>,
  first: MultipartGrant | undefined,
  now: () => number,
): PartUrls {
  // A clock that is ahead would have every URL ended at once: then it is S3 that tells when one has.
  const toEnd = (expiresAt: string): number => {
    const end = Date.parse(expiresAt);
    return end > now() ? end : Number.POSITIVE_INFINITY;
  };

  const toFirst = ({ parts, urlsExpireAt }: MultipartGrant): Held => {
    const urls = new Map(parts.map(({ partNumber, url }) => [partNumber, url]));
    return { urlOf: (partNumber) => urls.get(partNumber), endsAt: toEnd(urlsExpireAt) };
  };

  const toHeld = ({ prefix, suffix, signatures, expiresAt }: CompactParts): Held => ({
    urlOf: (partNumber) => `${prefix}${partNumber}${suffix}${signatures[partNumber - 1]}`,
    endsAt: toEnd(expiresAt),
  });

  let held = first && toFirst(first);
  let signing: Promise<void> | undefined;

  const signAgain = (): Promise<void> => {
    signing ??= sign()
      .then((signed) => {
        held = toHeld(signed);
      })
      .finally(() => {
        signing = undefined;
      });
    return signing;
  };

  const current = (partNumber: number): string | undefined =>
    held !== undefined && now() < held.endsAt ? held.urlOf(partNumber) : undefined;

  const freshly = async (partNumber: number): Promise<string> => {
    await signAgain();
    return held?.urlOf(partNumber) ?? '';
  };

  return {
    of: async (partNumber) => current(partNumber) ?? freshly(partNumber),
    renew: async (partNumber, refused) => {
      const url = current(partNumber);
      // Another part may have had them signed again by now.
      return url === undefined || url === refused ? freshly(partNumber) : url;
    },
  };
}
