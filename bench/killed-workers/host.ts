// Stands in for Lambda's environment around verify-arrivals: one batch after the other, until it is killed.
import { context } from '../context.ts';

const [bundle = ''] = process.argv.slice(2);
const { handler } = await import(bundle);

process.on('message', async ({ event, endsAt }: { event: unknown; endsAt: number }) => {
  const getRemainingTimeInMillis = () => endsAt - Date.now();
  try {
    process.send?.({ result: await handler(event, { ...context, getRemainingTimeInMillis }) });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.send?.('ready');
