// Stands in for Lambda's environment around expire-requests: one run after the other, each with its deadline.
import { context } from '../context.ts';

/** What a run took: time, processor time, and memory at its peak. */
export type Ran = {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly error?: string;
};

// As in serverless.yml.
const TIMEOUT_MS = 240_000;

const [bundle = ''] = process.argv.slice(2);
const { handler } = await import(bundle);

process.on('message', async () => {
  const endsAt = Date.now() + TIMEOUT_MS;
  const began = performance.now();
  const cpu = process.cpuUsage();
  let error: string | undefined;
  try {
    await handler('', { ...context, getRemainingTimeInMillis: () => endsAt - Date.now() });
  } catch (thrown) {
    error = String(thrown);
  }
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({
    ms: performance.now() - began,
    cpuMs: (user + system) / 1_000,
    peakMiB: process.resourceUsage().maxRSS / 1_024,
    ...(error !== undefined && { error }),
  } satisfies Ran);
});
process.send?.('ready');
