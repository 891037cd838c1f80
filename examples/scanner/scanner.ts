// The function: Sluice calls it with an address of the file, and it asks the service. It neither reads the
// file nor has any right to the buckets.
import { env } from 'node:process';

/** Of what Sluice sends, what is used here; docs/scanner-function.schema.json has all of it. */
type Call = { readonly url: string; readonly uploadId: string; readonly size: number };

type Answer = {
  readonly outcome: 'clean' | 'infected' | 'unsupported' | 'failed';
  readonly threats?: readonly string[];
  readonly detail?: string;
};

/** What the service takes at most. */
const MOST_BYTES = 650 * 1024 * 1024;
/** Sluice waits for 270 seconds. */
const PATIENCE_MS = 240_000;

export async function handler({ url, uploadId, size }: Call): Promise<Answer> {
  if (size > MOST_BYTES)
    return { outcome: 'unsupported', detail: 'larger than the 650 MiB that are scanned' };
  const response = await fetch(`${env.SERVICE_URL}/scans`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': env.SERVICE_KEY ?? '' },
    // The id, so that the service's own log can be found; its answer is of this address alone.
    body: JSON.stringify({ url, reference: uploadId }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  // Sluice asks again, with pauses, and then holds the upload: nothing is accepted for want of an answer.
  if (!response.ok) return { outcome: 'failed', detail: `the service answered ${response.status}` };
  return toAnswer(await response.json());
}

/** Only what the service is known to say is taken for clean. */
export function toAnswer(said: unknown): Answer {
  const { verdict, signatures } = said as { readonly verdict?: unknown; readonly signatures?: unknown };
  if (verdict === 'clean') return { outcome: 'clean' };
  if (verdict === 'malicious')
    return { outcome: 'infected', threats: Array.isArray(signatures) ? signatures : [] };
  if (verdict === 'unscannable') return { outcome: 'unsupported', detail: 'the service cannot read it' };
  return { outcome: 'failed', detail: 'the service gave no verdict' };
}
