import { createLasting, type Signed } from './lasting.ts';
import type { CompactParts, MultipartGrant } from './resource.ts';

/** Where the parts of one upload go. */
export type PartUrls = {
  /** The URL of a part, signed when none is held that lasts. */
  of(partNumber: number): Promise<string>;
  /** Another URL of a part whose last one was refused. */
  renew(partNumber: number, refused: string): Promise<string>;
};

type UrlOf = (partNumber: number) => string | undefined;

/**
 * The URLs of an upload's parts: at first those that came with the upload, then all of them in one call, and
 * all of them again when they end.
 */
export function createPartUrls(
  sign: () => Promise<CompactParts>,
  first: MultipartGrant | undefined,
  now: () => number,
): PartUrls {
  const held = createLasting(async () => toSigned(await sign()), first && toFirst(first), now);
  const freshly = async (partNumber: number) => (await held.renewed())(partNumber) ?? '';
  return {
    of: async (partNumber) => held.current()?.(partNumber) ?? freshly(partNumber),
    renew: async (partNumber, refused) => {
      const url = held.current()?.(partNumber);
      // Another part may have had them signed again by now.
      return url === undefined || url === refused ? freshly(partNumber) : url;
    },
  };
}

function toFirst({ parts, urlsExpireAt }: MultipartGrant): Signed<UrlOf> {
  const urls = new Map(parts.map(({ partNumber, url }) => [partNumber, url]));
  return { value: (partNumber) => urls.get(partNumber), expiresAt: urlsExpireAt };
}

function toSigned({ prefix, suffix, signatures, expiresAt }: CompactParts): Signed<UrlOf> {
  return {
    value: (partNumber) => `${prefix}${partNumber}${suffix}${signatures[partNumber - 1]}`,
    expiresAt,
  };
}
