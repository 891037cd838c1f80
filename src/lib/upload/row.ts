import { CHECKSUM_ALGORITHMS, type Checksum } from '@sluice/contract/checksum';
import { COUNTERS, type Counter } from '@sluice/contract/quota';
import { type Inspection, SCAN_OUTCOMES, SCANNERS, type Scan, type Scans } from '@sluice/contract/scan';
import { STATES, type State } from '@sluice/contract/state';
import {
  type Evidence,
  type MultipartUpload,
  READERS,
  type Readers,
  TRANSPORTS,
  type Transport,
  type Upload,
} from '@sluice/contract/upload';
import type { RejectReason } from '@sluice/contract/verdict';
import { UnreadableRow } from './faults.ts';
import { parseKey } from './key.ts';

/**
 * The version of the rows that this code writes. Raise it if the previous code would misread a row of the new
 * form: that code then leaves the row alone.
 */
export const ROW_SCHEMA = 1;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The upload in a row. Rows may come from a newer version of this code, from a backup or from a person, so
 * everything is checked; unknown fields are skipped.
 * @param row the fields of the ledger's item, as plain values
 * @throws UnreadableRow naming what is wrong, without any value from the row
 */
export function parseRow(row: Fields): Upload {
  const id = typeof row.id === 'string' ? row.id : '?';
  const read = createReader(row, id);
  const { schema = ROW_SCHEMA } = row;
  // Rows of 0.1.0 have no schema, and are like those of schema 1.
  if (typeof schema !== 'number' || schema > ROW_SCHEMA)
    throw new UnreadableRow(id, 'its schema is a newer one');
  const key = read.text('key');
  if (parseKey(key)?.id !== id) throw new UnreadableRow(id, 'its key is of another upload');
  return {
    id,
    tenant: read.text('tenant'),
    subject: read.text('subject'),
    policy: read.text('policy'),
    transport: read.oneOf<Transport>('transport', TRANSPORTS),
    ...read.optional('multipart', toMultipart),
    ...read.optional('beginsAt', toWhole),
    key,
    state: read.oneOf<State>('state', STATES),
    epoch: read.whole('epoch'),
    ...read.optional('versionId', toText),
    filename: read.text('filename'),
    contentType: read.text('contentType'),
    ...read.optional('size', toWhole),
    ...read.optional('maxBytes', toWhole),
    ...read.optional('checksum', toChecksum),
    metadata: read.required('metadata', toTexts),
    createdAt: read.whole('createdAt'),
    expiresAt: read.whole('expiresAt'),
    ...read.optional('settledAt', toWhole),
    ...read.optional('dueAt', toWhole),
    correlationId: read.text('correlationId'),
    fingerprint: read.text('fingerprint'),
    ...read.optional('evidence', toEvidence),
    ...read.optional('servedType', toText),
    ...read.optional('reason', toReason),
    ...read.optional('detail', toText),
    ...read.optional('scans', toScans),
    ...read.optional('inspection', toInspection),
    ...read.optional('readers', toReaders),
    ...read.optional('readersRevision', toWhole),
    ...read.optional('reference', toText),
    ...read.optional('grantId', toText),
    ...read.optional('reserved', toWhole),
    ...read.optional('counters', toCounters),
  };
}

type Parse<Value> = (value: unknown) => Value | undefined;

function createReader(row: Fields, id: string) {
  const required = <Value>(name: string, parse: Parse<Value>): Value => {
    const value = parse(row[name]);
    if (value === undefined) throw new UnreadableRow(id, `${name} is missing or malformed`);
    return value;
  };
  return {
    required,
    optional: <Name extends string, Value>(name: Name, parse: Parse<Value>) =>
      (row[name] === undefined ? {} : { [name]: required(name, parse) }) as { readonly [N in Name]?: Value },
    text: (name: string) => required(name, toText),
    whole: (name: string) => required(name, toWhole),
    oneOf: <Word extends string>(name: string, words: readonly Word[]): Word =>
      required(name, (value) => words.find((word) => word === value)),
  };
}

const toText: Parse<string> = (value) => (typeof value === 'string' ? value : undefined);

const toWhole: Parse<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const toTexts: Parse<Readonly<Record<string, string>>> = (value) =>
  isFields(value) && Object.values(value).every((text) => typeof text === 'string')
    ? (value as Record<string, string>)
    : undefined;

const toChecksum: Parse<Checksum> = (value) => {
  if (!isFields(value) || typeof value.value !== 'string') return undefined;
  const algorithm = CHECKSUM_ALGORITHMS.find((name) => name === value.algorithm);
  return algorithm && { algorithm, value: value.value };
};

const toMultipart: Parse<MultipartUpload> = (value) => {
  if (!isFields(value) || typeof value.uploadId !== 'string') return undefined;
  if (value.plan === undefined) return { uploadId: value.uploadId };
  const { size, partSize, partCount } = isFields(value.plan) ? value.plan : {};
  if (toWhole(size) === undefined || !toWhole(partSize) || !toWhole(partCount)) return undefined;
  return {
    uploadId: value.uploadId,
    plan: { size, partSize, partCount } as Required<MultipartUpload>['plan'],
  };
};

const toEvidence: Parse<Evidence> = (value) => {
  if (!isFields(value)) return undefined;
  const [etag, size] = [toText(value.etag), toWhole(value.size)];
  if (etag === undefined || size === undefined) return undefined;
  const [versionId, detectedType] = [toText(value.versionId), toText(value.detectedType)];
  const checksum = toChecksum(value.checksum);
  return {
    etag,
    size,
    ...(versionId !== undefined && { versionId }),
    ...(detectedType !== undefined && { detectedType }),
    ...(checksum && { checksum }),
  };
};

// One that this code does not know cannot be given back to.
const toCounters: Parse<readonly Counter[]> = (value) =>
  Array.isArray(value) && value.every((name) => COUNTERS.includes(name)) ? value : undefined;
// Of a scanner that a later version knows, nothing is asked here and nothing rests on what it said.
const toScans: Parse<Scans> = (value) => {
  if (!isFields(value)) return undefined;
  const scans = SCANNERS.filter((scanner) => value[scanner] !== undefined).map(
    (scanner) => [scanner, toScan(value[scanner])] as const,
  );
  return scans.some(([, scan]) => scan === undefined) ? undefined : Object.fromEntries(scans);
};

const toScan: Parse<Scan> = (value) => {
  if (!isFields(value)) return undefined;
  const outcome = SCAN_OUTCOMES.find((known) => known === value.outcome);
  const [etag, at, attempt] = [toText(value.etag), toWhole(value.at), toWhole(value.attempt)];
  if (outcome === undefined || etag === undefined || at === undefined || attempt === undefined)
    return undefined;
  const [versionId, detail] = [toText(value.versionId), toText(value.detail)];
  const threats = Array.isArray(value.threats)
    ? value.threats.filter((name) => toText(name) !== undefined)
    : [];
  return {
    outcome,
    etag,
    ...(versionId !== undefined && { versionId }),
    at,
    attempt,
    ...(threats.length > 0 && { threats }),
    ...(detail !== undefined && { detail }),
  };
};

// Strictly: what a policy does not take may stand in what cannot be read.
const toInspection: Parse<Inspection> = (value) =>
  isFields(value) && Object.values(value).every(isFact) ? (value as Inspection) : undefined;

function isFact(value: unknown): boolean {
  return (
    ['boolean', 'number', 'string'].includes(typeof value) ||
    (Array.isArray(value) && value.every((one) => typeof one === 'string'))
  );
}

const toReaders: Parse<Readers> = (value) => READERS.find((readers) => readers === value);

// Only shown: a value from a later version does not make the row unreadable.
const toReason: Parse<RejectReason> = (value) => toText(value) as RejectReason | undefined;
