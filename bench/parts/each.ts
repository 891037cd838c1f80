import { checkUrl } from '../limit.ts';
import type { CreatePeer } from '../peers/peer.ts';
import { BUCKET, CREDENTIALS, REGION, REQUEST } from './input.ts';

/** Signs part by part with a signer that knows no other way. */
export async function signEachPart(create: CreatePeer): Promise<string[]> {
  const sign = create(REGION, BUCKET, CREDENTIALS);
  const urls: string[] = [];
  for (const { partNumber, contentLength } of REQUEST.parts) {
    const signed = sign({
      method: 'PUT',
      key: REQUEST.key,
      headers: { 'content-length': String(contentLength) },
      query: { partNumber: String(partNumber), uploadId: REQUEST.uploadId },
    });
    urls.push(typeof signed === 'string' ? signed : await signed);
  }
  return urls;
}

/** Throws for a wrong signature among the first parts; returns how many URLs there are. */
export function checkParts(urls: readonly string[]): number {
  for (const url of urls.slice(0, 10)) {
    checkUrl(
      url,
      'PUT',
      { 'content-length': String(REQUEST.parts[0]?.contentLength) },
      CREDENTIALS.secretAccessKey,
    );
  }
  return urls.length;
}
