import { createLedger } from '../aws/ledger.ts';
import { toIndexes } from '../aws/ledger-indexes.ts';
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

/** How long after its URL expired an upload is still awaited. */
export function expiryGraceInSeconds(environment: Environment) {
  return environment.wholeNumber('EXPIRY_GRACE_SECONDS');
}

/** How long the row of an ended upload is kept. */
export function rowRetentionInSeconds(environment: Environment) {
  return environment.wholeNumber('ROW_RETENTION_DAYS') * 86_400;
}
