import { createBlocks } from '../aws/block-table.ts';
import { createGrantTable } from '../aws/grant-table.ts';
import { lazyGrantReader } from '../aws/lazy-grant-reader.ts';
import { createPairReader } from '../aws/secret.ts';
import type { GrantReader } from '../grant/read.ts';
import { createGrantTokens } from '../grant/token.ts';
import { createTokenKeys } from '../grant/token-keys.ts';
import { logger } from '../log/logger.ts';
import type { Environment } from '../settings.ts';
import { createSessionKeys } from '../uppy/session-keys.ts';
import { dynamo } from './clients.ts';

/** The rows of all grants. */
export function grants(environment: Environment) {
  return createGrantTable(environment.once(dynamo), environment.text('GRANTS_TABLE'));
}

function uppyKeys(environment: Environment) {
  return createPairReader(
    environment.connection(),
    environment.text('UPPY_KEY_SECRET'),
    'the secret of the upload sessions',
  );
}

/** Owners and tenants that an operator has blocked. */
export function blocks(environment: Environment) {
  return createBlocks(environment.once(dynamo), environment.text('GRANTS_TABLE'));
}

/** The keys of grants, which are those of upload sessions, as their secret has them. */
export function grantKeys(environment: Environment) {
  return createTokenKeys({
    read: environment.once(uppyKeys),
    create: createGrantTokens,
    now: Date.now,
    onFailure: (error) => logger.warn('keys of the sessions not read', { error }),
  });
}

/** Reads tokens of grants, for the authorizer. */
export function readGrant(environment: Environment): GrantReader {
  return lazyGrantReader(environment.connection(), {
    table: environment.text('GRANTS_TABLE'),
    keysSecret: environment.text('UPPY_KEY_SECRET'),
  });
}

/** The keys of upload sessions from before grants, as their secret has them. */
export function sessionKeys(environment: Environment) {
  return createSessionKeys({
    read: environment.once(uppyKeys),
    now: Date.now,
    onFailure: (error) => logger.warn('keys of the sessions not read', { error }),
  });
}
