import { randomUUID } from 'node:crypto';
import {
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { Refusal } from '@sluice/contract/refusals';

// Calls under one grant meet at its row. Each attempt takes some ten milliseconds, and one of those that meet
// gets through, so that this many are enough for dozens at once.
export const ATTEMPTS = 12;
const LONGEST_PAUSE_MS = 400;

// What passes: another transaction, or another write, was at one of the items.
const PASSING = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];

/**
 * Writes some items together, or none of them. Undefined when they are written; otherwise the conditions that
 * did not hold, one reason per item. A transaction whose reply is lost is repeated under its token, and
 * DynamoDB does nothing twice.
 * Refuses `too_busy` when others keep writing to the same items.
 */
export async function transact(
  dynamo: DynamoDBClient,
  items: TransactWriteItem[],
  pause: (ms: number) => Promise<void> = sleep,
): Promise<readonly CancellationReason[] | undefined> {
  const token = randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    try {
      await dynamo.send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: token }));
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const isPassing = reasons.some(({ Code = '' }) => PASSING.includes(Code));
      // While one item cannot be looked at, nothing is known of its condition.
      if (!isPassing && reasons.some(hasFailed)) return reasons;
      if (!isPassing) throw error;
      if (attempt === ATTEMPTS) throw new Refusal('too_busy', { retryAfterSeconds: 1 });
      await pause(toPause(attempt, Math.random));
    }
  }
}

/** Milliseconds before a transaction that met another is tried again; they grow with its attempts. */
export function toPause(attempt: number, random: () => number): number {
  return random() * Math.min(LONGEST_PAUSE_MS, 10 * 2 ** attempt);
}

/** True for an item whose condition did not hold. */
export function hasFailed(reason: CancellationReason | undefined): boolean {
  return reason?.Code === 'ConditionalCheckFailed';
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
