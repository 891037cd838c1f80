import { encodeComponent } from './encode.ts';

const RESERVED = /^x-amz-(?:algorithm|credential|date|expires|security-token|signature|signedheaders)$/i;

/**
 * Merges a caller's query parameters into the signature's own, in the order that Signature Version 4 signs: by
 * encoded name. `own` is encoded and sorted already, and its last name is `X-Amz-SignedHeaders`.
 *
 * Throws for a parameter that is the signature's to set.
 */
export const mergeQuery = (own: string, query: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(query).map(([name, value]) => {
    if (RESERVED.test(name)) throw new RangeError(`the query parameter ${name} is set by the signature`);
    return [encodeComponent(name), encodeComponent(value)] as const;
  });
  pairs.sort(byName);
  const first = pairs[0];
  if (first === undefined) return own;
  // Nearly every parameter of S3 is lower case (partNumber, versionId, response-*) and so comes after `X-Amz-`.
  if (first[0] > 'X-Amz-SignedHeaders')
    return `${own}${pairs.map(([name, value]) => `&${name}=${value}`).join('')}`;
  const all = [...own.split('&').map(toPair), ...pairs].sort(byName);
  return all.map(([name, value]) => `${name}=${value}`).join('&');
};

type Pair = readonly [name: string, value: string];

// By name alone and before joining: "a" comes before "a-b", though "a=" comes after "a-".
const byName = ([a]: Pair, [b]: Pair): number => (a < b ? -1 : a > b ? 1 : 0);

const toPair = (text: string): Pair => {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
};
