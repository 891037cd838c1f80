import { encodeComponent } from './encode.ts';

const RESERVED =
  /^x-amz-(?:algorithm|credential|date|expires|s3session-token|security-token|signature|signedheaders)$/i;

/**
 * Merges a caller's query parameters into the signature's own, in the order that Signature Version 4 signs:
 * by encoded name. `own` is encoded and sorted already, and its last name is `X-Amz-SignedHeaders`.
 *
 * Throws for a parameter that is the signature's to set.
 */
export function mergeQuery(own: string, query: Readonly<Record<string, string>>): string {
  let merged = own;
  let last = 'X-Amz-SignedHeaders';
  // The parameters of S3 are in lower case, which comes after `X-Amz-`, and mostly given in order.
  for (const name of Object.keys(query)) {
    const [encodedName, encodedValue] = toPair(name, query[name]);
    if (encodedName <= last) return mergeOutOfOrder(own, query);
    merged += `&${encodedName}=${encodedValue}`;
    last = encodedName;
  }
  return merged;
}

function mergeOutOfOrder(own: string, query: Readonly<Record<string, string>>): string {
  return [
    ...own.split('&').map(splitPair),
    ...Object.entries(query).map(([name, value]) => toPair(name, value)),
  ]
    .sort(byName)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

type Pair = readonly [name: string, value: string];

// By name alone and before joining: "a" comes before "a-b", though "a=" comes after "a-".
function byName([a]: Pair, [b]: Pair): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toPair(name: string, value = ''): Pair {
  if (RESERVED.test(name)) throw new RangeError(`the query parameter ${name} is set by the signature`);
  return [encodeComponent(name), encodeComponent(value)];
}

function splitPair(text: string): Pair {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}
