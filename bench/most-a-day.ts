// The most that a stack can cost in a day, from its limits and AWS's list prices. Nothing is measured here.
import { parseArgs } from 'node:util';
import { mostADay, sumOf } from './most-a-day/bill.ts';
import { readLimits } from './most-a-day/limits.ts';

const { values } = parseArgs({
  options: {
    'route-rate-limit': { type: 'string' },
    concurrency: { type: 'string' },
    'verify-concurrency': { type: 'string' },
  },
});
const usual = readLimits();
const parts = mostADay({
  routes: usual.routes,
  routeRateLimit: Number(values['route-rate-limit'] ?? usual.routeRateLimit),
  concurrency: Number(values.concurrency ?? usual.concurrency),
  verifyConcurrency: Number(values['verify-concurrency'] ?? usual.verifyConcurrency),
});
for (const { what, dollars } of [...parts, { what: 'together', dollars: sumOf(parts) }]) {
  console.log(`${String(Math.round(dollars)).padStart(8)}  ${what}`);
}
