import { flatten } from './encode.ts';

/** Headers as Signature Version 4 signs them. */
export type SignedHeaders = {
  /**
   * What the client must send, names in lower case. `host` is not in it: every client sends that by itself.
   */
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
 * It throws for a header that could not arrive as it was signed: a name that is reserved, malformed or there
 * twice, or a value beyond printable ASCII, which clients send as Latin-1 or refuse to send while S3 signs
 * UTF-8.
 *
 * Names are code and come again, values are data and do not; so names are checked and sorted once per set of
 * them. That memory is bounded, for metadata may bring names of its own.
 */
export function createHeaderCanonicalizer(host: string) {
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
}

function hasSameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

function toShape(host: string, given: readonly string[]): Shape {
  const headers = given
    .map((name) => ({ given: name, name: name.toLowerCase() }))
    // By name alone: "a" comes before "a-b" and "a1", though "a:" comes after "a-" and "a1".
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name } of headers) {
    if (!NAME.test(name)) throw new RangeError('a signed header has a malformed name');
    if (RESERVED.has(name)) throw new RangeError(`the header ${name} is set by the signature`);
  }
  const names = [...headers.map(({ name }) => name), 'host'].sort();
  if (new Set(names).size < names.length) throw new RangeError('a signed header is given twice');
  const hostAt = names.indexOf('host');
  const lines = headers.map((header) => ({ given: header.given, label: flatten(`\n${header.name}:`) }));
  return {
    given,
    isLowerCase: headers.every((header) => header.given === header.name),
    beforeHost: lines.slice(0, hostAt),
    host: flatten(`\nhost:${host}`),
    afterHost: lines.slice(hostAt),
    end: flatten(`\n\n${names.join(';')}`),
    encodedNames: names.join('%3B'),
  };
}

function toCanonicalValue(value = ''): string {
  if (CANONICAL_VALUE.test(value)) return value;
  if (!PRINTABLE.test(value)) throw new RangeError('a signed header has a value beyond printable ASCII');
  return value.replace(/[\t ]+/g, ' ').trim();
}

function toLowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
