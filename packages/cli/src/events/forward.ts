import type { UploadEvent } from '@sluice/contract/event';
import { signWebhook, type WebhookSigner } from '@sluice/contract/webhook-signature';
import type { World } from '../world.ts';

/** How a receiver answered. */
export type Forwarded =
  | { readonly kind: 'answered'; readonly status: number; readonly ms: number }
  /** nobody listens, or no answer came in time */
  | { readonly kind: 'unreachable' };

const ANSWER_WITHIN_MS = 15_000;

/** Sends an event as a webhook of Sluice's would be: signed by Standard Webhooks, in one POST. */
export async function forward(
  url: string,
  { id, type, time, data }: UploadEvent,
  signer: WebhookSigner,
  { signal, timing }: World,
): Promise<Forwarded> {
  const body = JSON.stringify({ type, timestamp: time, data });
  const startedAt = timing.now();
  const headers = signWebhook({ id, timestamp: Math.floor(startedAt / 1000), body }, [signer]);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'sluice-events-listen', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    await response.body?.cancel();
    return { kind: 'answered', status: response.status, ms: timing.now() - startedAt };
  } catch {
    signal.throwIfAborted();
    return { kind: 'unreachable' };
  }
}
