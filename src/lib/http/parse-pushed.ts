import { Refusal } from '@sluice/contract/refusals';
import { parseArrivals } from '../intake/arrival.ts';
import { MalformedNotification } from '../intake/faults.ts';
import type { Arrival } from '../intake/records.ts';
import type { WithBody } from './parse-body.ts';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * The arrivals in a notification that a store pushed. Its content type is not asked for: some stores send
 * none. Refuses `body_missing`, `body_too_large`, `notification_invalid`.
 */
export function parsePushed({ body, isBase64Encoded }: WithBody): Arrival[] {
  if (!body) throw new Refusal('body_missing');
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) throw new Refusal('body_too_large');
  try {
    return parseArrivals(bytes.toString());
  } catch (error) {
    if (!(error instanceof MalformedNotification)) throw error;
    // Its message never repeats what the sender wrote.
    throw new Refusal('notification_invalid', { detail: `The body is ${error.message}.` });
  }
}
