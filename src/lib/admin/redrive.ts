import type { AdminQueue } from '@sluice/contract/admin';
import { type CauseDeps, findCause } from './causes.ts';
import type { DeadLetters, DeadMessage } from './ports.ts';
import { createTally, eachOf, type Tally } from './tally.ts';
import { BadCall, type Step } from './walk.ts';

export type RedriveDeps = CauseDeps & { readonly deadLetters: DeadLetters };

/**
 * Sends the dead letters of a queue to where they came from, by their cause. Poison is set aside, so that it
 * fails nobody again and the alarm ends. What would fail again as things are stays, unless its cause is
 * asked for. What comes back meanwhile is not sent a second time.
 * @param causes only messages of these; every one when absent
 */
export function redrive(
  deps: RedriveDeps,
  queue: AdminQueue,
  causes: readonly string[] | undefined,
  dryRun: boolean,
): Step {
  return async (cursor) => {
    const left = cursor === undefined ? await deps.deadLetters.count(queue) : Number(cursor);
    if (!Number.isSafeInteger(left) || left < 0) throw new BadCall('the cursor is not one of this command');
    const tally = createTally();
    const messages = left === 0 ? [] : await deps.deadLetters.receive(queue);
    await eachOf(
      tally,
      messages,
      ({ id }) => id,
      (message) => send(deps, tally, { queue, message, causes, dryRun }),
    );
    const rest = left - messages.length;
    return tally.page(messages.length === 0 || rest <= 0 ? undefined : String(rest));
  };
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
