import type { AdminQueue } from '@sluice/contract/admin';
import { parseArrivals } from '../intake/arrival.ts';
import { MalformedNotification } from '../intake/faults.ts';
import type { Arrival } from '../intake/records.ts';
import { UnreadableRequest, UnreadableResult } from '../scan/faults.ts';
import { parseScanRequest } from '../scan/parse-request.ts';
import { parseScanResult } from '../scan/parse-result.ts';
import { UnreadableRow } from '../upload/faults.ts';
import { parseKey } from '../upload/key.ts';
import type { Ledger, Objects } from '../upload/ports.ts';
import { MalformedMessage, parseEventMessage } from '../webhook/parse-message.ts';

/**
 * Why a message is among the dead letters, as far as it shows: `poison` can never be worked on, `stuck` would
 * fail again as things are, and `ready` may be worked on now.
 */
export type Cause = { readonly name: string; readonly kind: 'poison' | 'stuck' | 'ready' };

export type CauseDeps = {
  readonly ledger: Pick<Ledger, 'read'>;
  readonly objects: Pick<Objects, 'facts'>;
  readonly incomingBucket: string;
};

const POISON: Cause = { name: 'malformed', kind: 'poison' };

/** The cause of a dead letter, by what it holds and by what is there now. */
export async function findCause(deps: CauseDeps, queue: AdminQueue, body: string): Promise<Cause> {
  switch (queue) {
    case 'arrivals':
      return ofArrivals(deps, body);
    case 'events':
      return ofChange(body);
    case 'webhooks':
      return ofEvent(body);
    case 'scans':
      return ofScan(body);
  }
}

async function ofArrivals(deps: CauseDeps, body: string): Promise<Cause> {
  let arrivals: readonly Arrival[];
  try {
    arrivals = parseArrivals(body);
  } catch (error) {
    if (!(error instanceof MalformedNotification)) throw error;
    return POISON;
  }
  const ours = arrivals.filter(({ bucket }) => bucket === deps.incomingBucket);
  if (arrivals.length > 0 && ours.length === 0) return { name: 'foreign', kind: 'poison' };
  for (const { key } of ours) {
    const id = parseKey(key)?.id;
    if (id !== undefined && !(await isReadable(deps, id))) return { name: 'unreadable', kind: 'stuck' };
  }
  for (const { key } of ours) {
    if ((await deps.objects.facts('incoming', key)) !== undefined) return { name: 'waiting', kind: 'ready' };
  }
  // Verification acknowledges it, and has nothing to do.
  return { name: 'gone', kind: 'ready' };
}

async function isReadable({ ledger }: CauseDeps, id: string): Promise<boolean> {
  try {
    await ledger.read(id);
    return true;
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error;
    return false;
  }
}

/** A change that made no event says itself why. */
function ofChange(body: string): Cause {
  try {
    const { why, record } = Object(JSON.parse(body));
    return typeof why === 'string' && typeof record === 'object' && record !== null
      ? { name: why, kind: 'ready' }
      : POISON;
  } catch {
    return POISON;
  }
}

function ofEvent(body: string): Cause {
  try {
    parseEventMessage(body);
    return { name: 'event', kind: 'ready' };
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    return POISON;
  }
}

/** One queue takes what no scanner could work on, and what none of their results came to. */
function ofScan(body: string): Cause {
  if (isReadableAs(parseScanResult, UnreadableResult, body)) return { name: 'result', kind: 'ready' };
  if (isReadableAs(parseScanRequest, UnreadableRequest, body)) return { name: 'request', kind: 'ready' };
  return POISON;
}

function isReadableAs(
  parse: (body: string) => unknown,
  fault: typeof UnreadableRequest | typeof UnreadableResult,
  body: string,
): boolean {
  try {
    parse(body);
    return true;
  } catch (error) {
    if (!(error instanceof fault)) throw error;
    return false;
  }
}
