import { flatten } from './encode.ts';

/** Headers as Signature Version 4 signs them. */
export type SignedHeaders = {
  /** What the client must send, names in lower case. `host` is not in it: every client sends that by itself. */
  readonly sent: Readonly<Record<string, string>>;
  /** `\ncontent-length:5\nhost:…\n\ncontent-length;host`: their part of the canonical request. */
  readonly canonical: string;
  /** `content-length%3Bhost` */
  readonly encodedNames: string;
};

/** All that follows from the names alone. */
type Shape = {
  /** The names as they were given, in that order. */
  readonly given: readonly string[];
  readonly isLowerCase: boolean;
  readonly beforeHost: readonly HeaderLine[];
  readonly host: string;
  readonly afterHost: readonly HeaderLine[];
  /** `\n\ncontent-length;host` */
  readonly end: string;
  readonly encodedNames: string;
};

type HeaderLine = {
  readonly given: string;
  /** `\ncontent-length:` */
  readonly label: string;
};

const NAME = /^[a-z][a-z0-9_-]*$/;
const PRINTABLE = /^[\t\x20-\x7e]*$/;
/** Printable, and without a blank that canonical form would drop. */
const CANONICAL_VALUE = /^(?:[\x21-\x7e]+(?: [\x21-\x7e]+)*)?$/;

/** Decided by the signature itself, or by the client's own HTTP stack. */
const RESERVED: ReadonlySet<string> = new Set([
  'authorization',
  'host',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
]);

const MAX_REMEMBERED_SHAPES = 16;

/**
 * Creates a function that puts headers into canonical form: lower case, sorted, runs of blanks as one.
 *
 * It throws for a header that could not arrive as it was signed: a name that is reserved, malformed or there twice,
 * or a value beyond printable ASCII, which clients send as Latin-1 or refuse to send while S3 signs UTF-8.
 *
 * Names are code and come again, values are data and do not; so names are checked and sorted once per set of them.
 * That memory is bounded, for metadata may bring names of its own.
 */
export const createHeaderCanonicalizer = (host: string) => {
  let shapes: Shape[] = [];
  const shapeOf = (given: readonly string[]): Shape => {
    // A signer sees two or three shapes: comparing interned names is cheaper than making up a key for a Map.
    for (const shape of shapes) if (hasSameNames(shape.given, given)) return shape;
    const shape = toShape(host, given);
    shapes = shapes.length < MAX_REMEMBERED_SHAPES ? [...shapes, shape] : [shape];
    return shape;
  };
  return (headers: Readonly<Record<string, string>>): SignedHeaders => {
    const shape = shapeOf(Object.keys(headers));
    let canonical = '';
    for (const { given, label } of shape.beforeHost) canonical += label + toCanonicalValue(headers[given]);
    canonical += shape.host;
    for (const { given, label } of shape.afterHost) canonical += label + toCanonicalValue(headers[given]);
    return {
      sent: shape.isLowerCase ? { ...headers } : toLowerCaseNames(headers),
      canonical: canonical + shape.end,
      encodedNames: shape.encodedNames,
    };
  };
};

const hasSameNames = (a: readonly string[], b: readonly string[]): boolean => {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
};

const toShape = (host: string, given: readonly string[]): Shape => {
  const names = given.map((name) => name.toLowerCase());
  for (const name of names) {
    if (!NAME.test(name)) throw new RangeError('a signed header has a malformed name');
    if (RESERVED.has(name)) throw new RangeError(`the header ${name} is set by the signature`);
  }
  if (new Set(names).size < names.length) throw new RangeError('a signed header is given twice');
  const lines = given
    .map((name) => ({ given: name, label: flatten(`\n${name.toLowerCase()}:`) }))
    .sort((a, b) => (a.label < b.label ? -1 : 1));
  const sorted = [...names, 'host'].sort();
  const hostAt = sorted.indexOf('host');
  return {
    given,
    isLowerCase: given.every((name) => name === name.toLowerCase()),
    beforeHost: lines.slice(0, hostAt),
    host: flatten(`\nhost:${host}`),
    afterHost: lines.slice(hostAt),
    end: flatten(`\n\n${sorted.join(';')}`),
    encodedNames: sorted.join('%3B'),
  };
};

const toCanonicalValue = (value = ''): string => {
  if (CANONICAL_VALUE.test(value)) return value;
  if (!PRINTABLE.test(value)) throw new RangeError('a signed header has a value beyond printable ASCII');
  return value.replace(/[\t ]+/g, ' ').trim();
};

const toLowerCaseNames = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
