import { SCANNERS, type ScanRequest } from '@sluice/contract/scan';
import { UnreadableRequest } from './faults.ts';
import { parseFields, parseScannedObject, toName } from './fields.ts';

const MOST_BYTES = 5 * 1024 ** 4;

/**
 * What a message of a scanner's queue asks for.
 * @throws UnreadableRequest
 */
export function parseScanRequest(text: string): ScanRequest {
  const fields = parseFields(text, toFault);
  if (fields.schema !== 1) throw toFault('its schema');
  const scanner = SCANNERS.find((one) => one === fields.scanner);
  if (scanner === undefined) throw toFault('its scanner');
  return {
    schema: 1,
    scanner,
    ...parseScannedObject(fields, toFault),
    size: whole('size', fields.size, 0, MOST_BYTES),
    attempt: whole('attempt', fields.attempt, 1, 1000),
    contentType: name('contentType', fields.contentType),
    filename: name('filename', fields.filename),
    policy: name('policy', fields.policy),
    correlationId: name('correlationId', fields.correlationId),
  };
}

function toFault(what: string) {
  return new UnreadableRequest(what);
}

function name(field: string, value: unknown): string {
  const text = toName(value);
  if (text === undefined) throw toFault(`its ${field}`);
  return text;
}

function whole(field: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
    throw toFault(`its ${field}`);
  return value;
}
