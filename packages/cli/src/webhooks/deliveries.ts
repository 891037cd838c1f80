import { EXIT, type ExitCode } from '../exit.ts';
import { printJson, printLine } from '../print.ts';
import { printable, toAge, toColumns } from '../text.ts';
import { type Delivery, pathOf, readDeliveries, readFailed, toDelivery } from './api.ts';
import { type Job, take } from './job.ts';

const TEST_WAIT_MS = 20_000;
const TEST_STEP_MS = 500;

/** Sends an endpoint a message, and tells what it answered. */
export async function sendTest({ world, api, words, values }: Job): Promise<ExitCode> {
  const [id] = take(words, 1, 'Which one? `sluice webhooks list` shows them.');
  const sent = toDelivery(await api({ method: 'POST', path: `${pathOf(id)}/test`, signal: world.signal }));
  let delivery = sent;
  for (let waited = 0; waited < TEST_WAIT_MS && delivery.attempts.length === 0; waited += TEST_STEP_MS) {
    await world.timing.sleep(TEST_STEP_MS, world.signal);
    const { deliveries } = await readDeliveries(api, world, { id, limit: 20 });
    delivery = deliveries.find(({ event }) => event === sent.event) ?? delivery;
  }
  if (values.json) printJson(world.stdout, delivery);
  else printLine(world.stdout, `${printable(delivery.event)}  ${toOutcome(delivery)}`);
  return delivery.state === 'delivered' ? EXIT.ok : EXIT.failed;
}

/** Lists what became of each event at an endpoint. */
export async function attempts({ world, api, words, values }: Job): Promise<ExitCode> {
  const [id] = take(words, 1, 'Of which one? `sluice webhooks list` shows them.');
  const deliveries = values.failed
    ? await readFailed(api, world, id)
    : (await readDeliveries(api, world, { id, limit: 50 })).deliveries;
  if (values.json) {
    printJson(world.stdout, { deliveries });
    return EXIT.ok;
  }
  if (deliveries.length === 0) {
    printLine(world.stderr, 'There are none.');
    return EXIT.ok;
  }
  const now = world.timing.now();
  const rows = deliveries.map((delivery) =>
    [delivery.event, toAge(delivery.createdAt, now), toOutcome(delivery)].map(printable),
  );
  for (const line of toColumns([['EVENT', 'MADE', 'OUTCOME'], ...rows])) printLine(world.stdout, line);
  return EXIT.ok;
}

/** Sends an endpoint one event again, or all that were given up. */
export async function redeliver({ world, api, words, values }: Job): Promise<ExitCode> {
  const isOne = !values.failed;
  const [id, event] = take(
    words,
    isOne ? 2 : 1,
    'Which one of which? `sluice webhooks redeliver <id> <event>`.',
  );
  const events = isOne ? [event ?? ''] : (await readFailed(api, world, id)).map((one) => one.event);
  for (const one of events) {
    const body = { event: one };
    await api({ method: 'POST', path: `${pathOf(id)}/redeliver`, body, signal: world.signal });
    if (!values.json) printLine(world.stdout, `${printable(one)}  on its way`);
  }
  if (values.json) printJson(world.stdout, { events });
  else if (events.length === 0) printLine(world.stderr, 'There are none.');
  return EXIT.ok;
}

function toOutcome({ state, reason, attempts: made, nextAttemptAt }: Delivery): string {
  const last = made.at(-1);
  const answered = last === undefined ? 'not tried yet' : `${last.status ?? last.error}, ${last.ms} ms`;
  const times = made.length > 1 ? `, ${made.length} attempts` : '';
  const next = nextAttemptAt === undefined || last === undefined ? '' : `, again ${nextAttemptAt}`;
  return `${state}${reason === undefined ? '' : ` (${reason})`}: ${answered}${times}${next}`;
}
