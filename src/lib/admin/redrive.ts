import type { AdminQueue } from '@sluice/contract/admin';
import { type CauseDeps, findCause } from './causes.ts';
import type { DeadLetters, DeadMessage } from './ports.ts';
import { createTally, eachOf, type Tally } from './tally.ts';
import { BadCall, type Step } from './walk.ts';

export type RedriveDeps = CauseDeps & { readonly deadLetters: DeadLetters };

// Not so many that the first ones come again before the last ones were looked at.
const LOOKED_AT = 500;

// Whoever looked at messages before has hidden them for a minute; a look waits a second for them.
const LOOKS = 65;

/**
 * Sends the dead letters of a queue to where they came from, by their cause. Poison is set aside, so that it
 * fails nobody again and the alarm ends. What would fail again as things are stays, unless its cause is
 * asked for. What comes back meanwhile is not sent a second time. Messages that somebody else looks at are
 * waited for, a minute at most. A dry run looks at the first ones, and leaves all of them as they were.
 * @param causes only messages of these; every one when absent
 */
export function redrive(
  deps: RedriveDeps,
  queue: AdminQueue,
  causes: readonly string[] | undefined,
  dryRun: boolean,
): Step {
  if (dryRun) return () => lookAtFirst(deps, queue, causes);
  return async (cursor) => {
    const { left, looks } = cursor === undefined ? await begin(deps, queue) : parseCursor(cursor);
    const tally = createTally();
    const messages = left === 0 ? [] : await deps.deadLetters.receive(queue);
    await eachOf(
      tally,
      messages,
      ({ id }) => id,
      (message) => send(deps, tally, { queue, message, causes, dryRun: false }),
    );
    const rest = left - messages.length;
    if (rest <= 0) return tally.page();
    if (messages.length > 0) return tally.page(String(rest));
    if (looks < LOOKS) return tally.page(`${rest}.${looks + 1}`);
    const note = `${rest} of the messages that were counted did not come: somebody else looks at them, or has removed them.`;
    return { ...tally.page(), notes: [note] };
  };
}

async function begin({ deadLetters }: RedriveDeps, queue: AdminQueue) {
  return { left: await deadLetters.count(queue), looks: 0 };
}

/** How many messages are left, and how often in a row none of them came. */
function parseCursor(cursor: string): { readonly left: number; readonly looks: number } {
  const [, left, looks] = /^(\d{1,15})(?:\.(\d{1,3}))?$/.exec(cursor) ?? [];
  if (left === undefined) throw new BadCall('the cursor is not one of this command');
  return { left: Number(left), looks: Number(looks ?? 0) };
}

async function lookAtFirst(deps: RedriveDeps, queue: AdminQueue, causes: readonly string[] | undefined) {
  const { deadLetters } = deps;
  const count = await deadLetters.count(queue);
  const tally = createTally();
  const seen: DeadMessage[] = [];
  while (seen.length < Math.min(count, LOOKED_AT)) {
    const messages = await deadLetters.receive(queue);
    if (messages.length === 0) break;
    seen.push(...messages);
    await eachOf(
      tally,
      messages,
      ({ id }) => id,
      (message) => send(deps, tally, { queue, message, causes, dryRun: true }),
    );
  }
  await eachOf(
    tally,
    seen,
    ({ id }) => id,
    (message) => deadLetters.release(queue, message),
  );
  const more = count - seen.length;
  return { ...tally.page(), ...(more > 0 && { notes: [`${more} more were not looked at.`] }) };
}

async function send(
  deps: RedriveDeps,
  tally: Tally,
  what: {
    readonly queue: AdminQueue;
    readonly message: DeadMessage;
    readonly causes: readonly string[] | undefined;
    readonly dryRun: boolean;
  },
): Promise<void> {
  const { queue, message, causes, dryRun } = what;
  const { name, kind } = await findCause(deps, queue, message.body);
  const item = { id: message.id, detail: name };
  const isAsked = causes === undefined ? kind !== 'stuck' : causes.includes(name);
  if (!isAsked) return tally.note('left', item);
  if (kind === 'poison') {
    if (!dryRun) await deps.deadLetters.setAside(queue, message, name);
    return tally.note('set aside', item);
  }
  if (!dryRun) await deps.deadLetters.putBack(queue, message);
  tally.note('sent', item);
}
