import type { ByteRange } from './byte-range.ts';

/** The head of an answer that carries exactly the bytes that were asked for. */
export type RangeAnswer = {
  readonly statusCode: number;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  /** Whether the server will take another request on this connection. */
  readonly keepAlive: boolean;
};

const STATUS_LINE = /^HTTP\/1\.1 206(?: |$)/;
const FIELD = /^([!#$%&'*+.^`|~\w-]+):[ \t]*(.*?)[ \t]*$/;

/**
 * Reads the head of an answer, without the empty line, if it is plainly what a range is answered with: 206,
 * these bytes, their length. Undefined for anything else, however right it may be: that is for a parser that
 * knows all of HTTP.
 */
export function parseRangeAnswer(head: string, { first, last }: ByteRange): RangeAnswer | undefined {
  const [status = '', ...lines] = head.split('\r\n');
  if (!STATUS_LINE.test(status)) return undefined;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = FIELD.exec(line) ?? [];
    const known = name?.toLowerCase();
    // No field of such an answer comes twice, and none is folded: two lengths are how answers get mixed up.
    if (known === undefined || fields.has(known)) return undefined;
    fields.set(known, value);
  }
  const isAsked =
    fields.get('content-length') === String(last - first + 1) &&
    fields.get('content-range')?.startsWith(`bytes ${first}-${last}/`);
  if (!isAsked || fields.has('transfer-encoding')) return undefined;
  return {
    statusCode: 206,
    headers: Object.fromEntries(fields),
    keepAlive: fields.get('connection')?.toLowerCase() !== 'close',
  };
}
