import { createCounterTable } from '../aws/counter-table.ts';
import { createRequestCounter } from '../aws/request-rate.ts';
import { logger } from '../log/logger.ts';
import { createOwnerLimits } from '../quota/owner-limits.ts';
import { createPace } from '../quota/rate.ts';
import type { QuotaSettings } from '../quota/rules.ts';
import type { Environment } from '../settings.ts';
import { dynamo } from './clients.ts';

/** What this deployment counts, and its limits for all. */
export function quotaSettings(environment: Environment): QuotaSettings {
  const limit = (name: string) =>
    environment.optional(name) === undefined ? undefined : environment.wholeNumber(name);
  const limits = (whose: string): QuotaSettings['owner'] => {
    const [files, bytes] = [limit(`${whose}_QUOTA_FILES`), limit(`${whose}_QUOTA_BYTES`)];
    return { ...(files !== undefined && { files }), ...(bytes !== undefined && { bytes }) };
  };
  const named = (environment.optional('USAGE_COUNTED') ?? '').split(',');
  const unfinished = limit('OWNER_UNFINISHED');
  return {
    counted: (['owner', 'tenant'] as const).filter((whose) => named.includes(whose)),
    owner: limits('OWNER'),
    tenant: limits('TENANT'),
    ...(unfinished !== undefined && { unfinished }),
  };
}

/** The rows of counters. */
export function counters(environment: Environment) {
  return createCounterTable(environment.once(dynamo), environment.text('GRANTS_TABLE'));
}

/** What holds for the uploads of an owner, beside their policies. */
export function ownerLimits(environment: Environment) {
  return createOwnerLimits(
    quotaSettings(environment),
    environment.once(counters),
    createPace({
      perMinute:
        environment.optional('OWNER_REQUESTS_PER_MINUTE') === undefined
          ? undefined
          : environment.wholeNumber('OWNER_REQUESTS_PER_MINUTE'),
      count: createRequestCounter(environment.once(dynamo), environment.text('GRANTS_TABLE')),
      now: Date.now,
      onFailure: (error) => logger.warn('request of an owner not counted', { error: error as Error }),
    }),
  );
}
