import { createLedger } from '../aws/ledger.ts';
import { toIndexes } from '../aws/ledger-indexes.ts';
import { drawShard } from '../aws/ledger-item.ts';
import { createRecordTogether } from '../aws/ledger-together.ts';
import type { Environment } from '../settings.ts';
import { dynamo } from './clients.ts';

/** The rows of all uploads. */
export function ledger(environment: Environment) {
  return createLedger(
    environment.once(dynamo),
    environment.text('LEDGER_TABLE'),
    environment.text('GRANTS_TABLE'),
    toIndexes(environment.optional('LEDGER_INDEXES')),
  );
}

/** Several rows in one write. */
export function recordTogether(environment: Environment) {
  return createRecordTogether(
    environment.once(dynamo),
    { ledger: environment.text('LEDGER_TABLE'), grants: environment.text('GRANTS_TABLE') },
    drawShard,
  );
}

/** How long after its URL expired an upload is still awaited. */
export function expiryGraceInSeconds(environment: Environment) {
  return environment.wholeNumber('EXPIRY_GRACE_SECONDS');
}

/** How long the row of an ended upload is kept. */
export function rowRetentionInSeconds(environment: Environment) {
  return environment.wholeNumber('ROW_RETENTION_DAYS') * 86_400;
}
