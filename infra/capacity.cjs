// What a stage has to be able to do, from the most uploads that it is to take in a second: one target, and
// what follows from it. Why these figures: docs/decisions/0080-capacity-from-a-target.md.

/**
 * The share of verification's places that is taken when uploads arrive as often as the target says. The other
 * half is for what comes at the same moment, and for files that take longer than others.
 */
const BUSY_SHARE = 0.5;

/** Lambda works on so many batches of one queue at once; fewer than two cannot be set. */
const LEAST_CONCURRENCY = 2;
const MOST_CONCURRENCY = 1_000;

/** How often the busiest route is called for an upload: whoever waits for a verdict asks a few times. */
const CALLS_AN_UPLOAD = 5;
/** How many times the rate a route takes at once, after a quiet while. */
const BURST = 2;

/** The units of DynamoDB that an upload takes of a table or an index at most, in parts and with its reads. */
const WRITE_UNITS_AN_UPLOAD = 5;
const READ_UNITS_AN_UPLOAD = 10;
/** What a new table takes at once in any case; DynamoDB refuses to be asked for less. */
const NEW_TABLE = { writeUnits: 4_000, readUnits: 12_000 };

/**
 * What follows from the parameters of a stage, all of them text.
 *
 * - `verifyConcurrency`: batches at once, for verification and each scanner. A batch counts as one upload:
 *   it is one when they come evenly, and has up to five only when some wait. So what has piled up is worked
 *   off several times as fast as the target.
 * - `routeRateLimit`, `routeBurstLimit`: what is set, or what the target's callers need.
 * - `warmWriteUnits`, `warmReadUnits`: what a table, and each index, has to take without a warning.
 */
const toCapacity = ({ peakUploadsPerSecond, verifySeconds, routeRateLimit, routeBurstLimit }) => {
  const peak = Number(peakUploadsPerSecond);
  // In thousandths, so that 20 × 0.15 / 0.5 is 6 and not a little more.
  const places = (peak * Math.round(Number(verifySeconds) * 1_000)) / (BUSY_SHARE * 1_000);
  const rate = routeRateLimit === '' ? peak * CALLS_AN_UPLOAD : Number(routeRateLimit);
  return {
    verifyConcurrency: Math.max(LEAST_CONCURRENCY, Math.ceil(places)),
    routeRateLimit: rate,
    routeBurstLimit: routeBurstLimit === '' ? rate * BURST : Number(routeBurstLimit),
    warmWriteUnits: Math.max(NEW_TABLE.writeUnits, peak * WRITE_UNITS_AN_UPLOAD),
    warmReadUnits: Math.max(NEW_TABLE.readUnits, peak * READ_UNITS_AN_UPLOAD),
  };
};

const PARAMETERS = ['peakUploadsPerSecond', 'verifySeconds', 'routeRateLimit', 'routeBurstLimit'];

/** What serverless asks for. */
module.exports = async ({ resolveVariable }) => {
  const values = await Promise.all(
    PARAMETERS.map(async (name) => [name, String(await resolveVariable(`param:${name}`))]),
  );
  return toCapacity(Object.fromEntries(values));
};
module.exports.toCapacity = toCapacity;
module.exports.MOST_CONCURRENCY = MOST_CONCURRENCY;
module.exports.BUSY_SHARE = BUSY_SHARE;
module.exports.NEW_TABLE = NEW_TABLE;
