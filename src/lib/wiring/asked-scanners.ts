// What ask-scanners alone needs: two more clients, which would else be in the bundles of those that only ask.
import { createGuardDutyClient } from '@sluice/connection/clients/guardduty';
import { createLambdaClient } from '@sluice/connection/clients/lambda';
import { createAskGuardDuty } from '../aws/guardduty.ts';
import { openStores } from '../aws/open-stores.ts';
import { createSignScan } from '../aws/scan-address.ts';
import { createCallFunction } from '../aws/scanner-function.ts';
import { ANSWER_SECONDS } from '../scan/function-call.ts';
import type { Environment } from '../settings.ts';

/** Has GuardDuty scan. */
export function askGuardDuty(environment: Environment) {
  return createAskGuardDuty(createGuardDutyClient(environment.connection()));
}

/** Calls the team's function; undefined where there is none. */
export function callFunction(environment: Environment) {
  const arn = environment.optional('SCANNER_FUNCTION');
  if (arn === undefined) return undefined;
  // Longer than the wait, which is ended elsewhere. A second try would be a second scan.
  const patience = 1000 * (ANSWER_SECONDS + 10);
  const settings = environment.connection({
    readTimeoutMs: patience,
    idleTimeoutMs: patience,
    maxAttempts: 1,
  });
  return createCallFunction(createLambdaClient(settings), arn);
}

/** Signs addresses for the team's function. */
export function signScan(environment: Environment) {
  return createSignScan(environment.once(openStores));
}
