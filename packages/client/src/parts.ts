import { type PartPlan, partBytes } from '@sluice/contract/part-plan';
import { either } from './abortable.ts';
import { type AttemptOptions, attempt, type Carriage, isTaken, toStorageError } from './attempt.ts';
import type { PartUrls } from './part-urls.ts';
import type { Delivery, Source } from './platform.ts';
import type { ArrivedPart } from './resource.ts';
import { retry } from './retry.ts';

/** One piece of a file; parts are numbered from 1. */
export type Part = { readonly partNumber: number; readonly size: number };

/** The parts that are yet to be sent: those that have not arrived, or not in their length. */
export function missingParts(plan: PartPlan, arrived: readonly ArrivedPart[]): readonly Part[] {
  const sizes = new Map(arrived.map(({ partNumber, size }) => [partNumber, size]));
  return Array.from({ length: plan.partCount }, (_, index) => {
    const partNumber = index + 1;
    return { partNumber, size: partBytes(plan, partNumber) };
  }).filter(({ partNumber, size }) => sizes.get(partNumber) !== size);
}

/** The bytes of these parts together. */
export function totalOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

export type PartsJob = {
  readonly file: Source;
  readonly plan: PartPlan;
  readonly urls: PartUrls;
  readonly carriage: Carriage;
  /** how many parts of this file are on their way at once */
  readonly concurrency: number;
};

/**
 * Sends parts side by side, each read from the file only when it is sent. The first one that fails for good
 * stops the others, and its error is thrown once all are at rest. `onSent` tells the bytes of the file that
 * are there or on their way; it falls back by no more than a part that is sent again.
 */
export async function sendParts(
  job: PartsJob,
  parts: readonly Part[],
  { onSent, signal }: AttemptOptions,
): Promise<void> {
  const stop = new AbortController();
  const own = either(signal, stop.signal);
  const sent = new Map<number, number>();
  let bytes = job.file.size - totalOf(parts);
  const count = (partNumber: number, sofar: number): void => {
    bytes += sofar - (sent.get(partNumber) ?? 0);
    sent.set(partNumber, sofar);
    onSent(bytes);
  };

  // As the connection layer's worker pool does, which no browser is to load for eight lines.
  const queue = parts.values();
  const work = async (): Promise<void> => {
    for (const part of queue) {
      await sendPart(job, part, { onSent: (sofar) => count(part.partNumber, sofar), signal: own });
      count(part.partNumber, part.size);
      sent.delete(part.partNumber);
    }
  };
  const workers = Array.from({ length: Math.min(job.concurrency, parts.length) }, () =>
    work().catch((error: unknown) => stop.abort(error)),
  );
  await Promise.all(workers);
  // Only the first reason counts: the others failed because of it.
  stop.signal.throwIfAborted();
}

/** Sends one part, again when it fails in passing. A part that arrives twice is there once. */
function sendPart(
  { file, plan, urls, carriage }: PartsJob,
  { partNumber, size }: Part,
  options: AttemptOptions,
): Promise<void> {
  const from = (partNumber - 1) * plan.partSize;
  const source = file.slice(from, from + size);
  const to = (url: string): Delivery => ({
    method: 'PUT',
    url,
    headers: { 'content-length': String(size) },
    source,
  });
  return retry(
    async () => {
      const url = await urls.of(partNumber);
      const first = await attempt(to(url), carriage, options);
      // Most likely the URL has expired on its way. A new one that is refused too was refused for another
      // reason.
      const receipt =
        first.status === 403
          ? await attempt(to(await urls.renew(partNumber, url)), carriage, options)
          : first;
      if (!isTaken(receipt)) throw toStorageError(receipt);
    },
    carriage.retry,
    carriage.timing,
    options.signal,
  );
}
