import { isUploadId, parseKey } from '../upload/key.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Makes the error of whoever reads: a request, a result or an answer that is unreadable. */
type ToFault = (what: string) => Error;

/** Of a text that people read; longer ones are cut. */
export const MOST_DETAIL = 500;
/** Of the name of a threat. */
export const MOST_THREAT = 200;
/** How many threats of one file are kept. */
export const MOST_THREATS = 10;
/** Of a key, by S3, and of everything else that names an object. */
const MOST_NAME = 1024;

/** The fields of a message. */
export function parseFields(text: string, toFault: ToFault): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw toFault('not JSON');
  }
  const fields = toFields(value);
  if (fields === undefined) throw toFault('not an object');
  return fields;
}

/** The fields of a value, or undefined where it has none. */
export function toFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ...(value as Fields) }
    : undefined;
}

/** A text that names something; undefined for every other value. */
export function toName(value: unknown, most = MOST_NAME): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= most ? value : undefined;
}

/** A text for people: of others' words only what fits on a line, and at most `most` characters. */
export function toShown(value: unknown, most = MOST_DETAIL): string | undefined {
  if (typeof value !== 'string') return undefined;
  // Beyond what is kept nothing is looked at, however long it is.
  const line = value
    .slice(0, 4 * most)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  if (line === '') return undefined;
  const characters = Array.from(line);
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('')}…`;
}

/** The names of threats that can be shown, each once, and of many the first. */
export function toThreats(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const names = value.slice(0, 10 * MOST_THREATS).flatMap((one: unknown) => toShown(one, MOST_THREAT) ?? []);
  return [...new Set(names)].slice(0, MOST_THREATS);
}

/** An ETag, with the quotes that some senders put around it taken off. */
export function toEtag(value: unknown): string | undefined {
  return toName(typeof value === 'string' ? value.replace(/^(?:W\/)?"(.*)"$/, '$1') : value);
}

/**
 * The version of an object. S3 calls that of a bucket without versions `null`, and some senders write it as a
 * word.
 */
export function toVersion(value: unknown, toFault: ToFault): { readonly versionId?: string } {
  if (value === undefined || value === null || value === 'null' || value === '') return {};
  const versionId = toName(value);
  if (versionId === undefined) throw toFault('its version');
  return { versionId };
}

/** The upload whose object this is: its id is part of the key. */
export function toUploadId(key: string | undefined): string | undefined {
  return key === undefined ? undefined : parseKey(key)?.id;
}

/**
 * Which very object a message is about.
 * @throws what `toFault` makes of the name of the field that is missing or malformed
 */
export function parseScannedObject(fields: Fields, toFault: ToFault) {
  const { uploadId } = fields;
  const [bucket, key, etag] = [toName(fields.bucket), toName(fields.key), toEtag(fields.etag)];
  if (typeof uploadId !== 'string' || !isUploadId(uploadId)) throw toFault('its uploadId');
  if (bucket === undefined) throw toFault('its bucket');
  // By the key, so that no message can speak of one upload and have another's object looked at.
  if (key === undefined || toUploadId(key) !== uploadId) throw toFault('its key');
  if (etag === undefined) throw toFault('its etag');
  return { uploadId, bucket, key, ...toVersion(fields.versionId, toFault), etag };
}
