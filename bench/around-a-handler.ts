// G6, G6': what a batch of ten arrivals costs before and after the work itself, without its log lines and
// metrics and with them, against the JSON.parse that nobody can avoid.
import { readFileSync } from 'node:fs';
import type { SQSEvent } from 'aws-lambda';
import { context } from './context.ts';
import { quietly } from './quiet.ts';
import { measureRounds, medianOf, ratioOf, type Subject } from './rounds.ts';
import { ENVIRONMENT } from './start-up/environment.ts';
import { judge, printTable } from './verdict.ts';

// What Lambda sets before it loads a function. Everything that reads it is imported afterwards.
Object.assign(process.env, ENVIRONMENT);
const { createHandler } = await import('../src/handlers/verify-arrivals.ts');
const { parseArrivals } = await import('../src/lib/intake/arrival.ts');
const { runBatch } = await import('../src/lib/intake/batch.ts');
const { toMessages } = await import('../src/lib/intake/messages.ts');
const { createMemoryLedger } = await import('../test/fakes/memory-ledger.ts');
const { createMemoryObjects } = await import('../test/fakes/memory-objects.ts');
const { policies } = await import('../src/policies.ts');

const RECORDS = 10;
const CALLS = 400;

const fixture: SQSEvent = JSON.parse(
  readFileSync(new URL('../events/verify-arrivals.sqs-s3-put.json', import.meta.url), 'utf8'),
);

/** Ten notifications about ten objects: those about one key would wait for each other. */
function toBatch(change: (body: string) => string): SQSEvent {
  return {
    Records: Array.from({ length: RECORDS }, (_, index) => {
      const [record] = fixture.Records;
      if (record === undefined) throw new Error('the fixture has no record');
      const body = change(record.body).replace(/"key":"([^"]*)\d"/, `"key":"$1${index}"`);
      return { ...record, messageId: `059f36b4-87a3-44ab-83d2-66197000000${index}`, body };
    }),
  };
}
const arrivals = toBatch((body) => body);
// Of the same form and nearly the same length, and nothing that anybody has to do.
const removals = toBatch((body) => body.replace('ObjectCreated:Put', 'ObjectRemoved:Delete'));

const text = JSON.stringify(arrivals);
const removalsText = JSON.stringify(removals);
const bodies = arrivals.Records.map(({ body }) => body);
const [first] = parseArrivals(bodies[0] ?? '');
if (first === undefined || new Set(bodies).size !== RECORDS) throw new Error('not ten different arrivals');

function every(ms: number, run: () => void) {
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
}

// No object is there, so that the work of each arrival is nothing but one line that says so.
const handler = createHandler({
  ledger: createMemoryLedger(),
  objects: { ...createMemoryObjects(), facts: async () => undefined },
  announce: async () => {},
  policies,
  now: Date.now,
  newId: () => 'worker',
  rowRetentionInSeconds: 1,
  incomingBucket: first.bucket,
  sockets: () => ({ opened: 0, reused: 0, busy: 0, idle: 0, waiting: 0 }),
  queue: {
    hide: async () => {},
    acknowledge: async () => {},
    bury: async () => {},
    sendAgain: async () => {},
  },
  every,
  random: Math.random,
});

const subjects: readonly Subject[] = [
  { name: 'JSON.parse of the bodies', calls: CALLS, run: () => bodies.map((body) => JSON.parse(body)) },
  {
    name: 'JSON.parse of event and bodies',
    calls: CALLS,
    run: () => JSON.parse(text).Records.map(({ body }: { body: string }) => JSON.parse(body)),
  },
  { name: 'reading the arrivals', calls: CALLS, run: () => bodies.map(parseArrivals) },
  {
    name: 'the batch without middy',
    calls: CALLS,
    run: () =>
      runBatch(
        {
          remainingMs: () => 60_000,
          work: async () => {},
          onFailure: () => {},
          isThrottle: () => false,
          isBusy: () => false,
          onLapse: () => {},
          every,
          random: Math.random,
        },
        toMessages(arrivals).messages,
      ),
  },
  // With the event's own JSON.parse, which Lambda does before it calls.
  { name: 'the handler, ten removals', calls: CALLS, run: () => handler(JSON.parse(removalsText), context) },
  { name: 'the handler, ten arrivals logged', calls: CALLS, run: () => handler(JSON.parse(text), context) },
];

const { result: samples, loggedBytes } = await quietly(() => measureRounds(subjects));
if (loggedBytes === 0) throw new Error('nothing was logged');

const PARSE = 'JSON.parse of event and bodies';
printTable(
  `A batch of ${RECORDS}: ${text.length} bytes, ${bodies.join('').length} of them bodies`,
  'us',
  samples,
  PARSE,
);
judge([
  {
    id: 'G6',
    what: `all that is around the work / ${PARSE}`,
    value: ratioOf(samples, 'the handler, ten removals', PARSE),
    atMost: 2,
  },
  {
    id: "G6'",
    what: `the same with ten lines and their metrics / ${PARSE}`,
    value: ratioOf(samples, 'the handler, ten arrivals logged', PARSE),
    atMost: 2.5,
  },
]);
const line =
  (medianOf(samples, 'the handler, ten arrivals logged') - medianOf(samples, 'the handler, ten removals')) /
  RECORDS;
console.log(
  `\nThe end of one arrival (its log line, its metric, its turn) takes ${line.toFixed(1)} us more.`,
);
