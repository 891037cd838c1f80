import { Metrics } from '@aws-lambda-powertools/metrics';
import { readOptional } from './settings.ts';

/**
 * The function's metrics, written to its log in CloudWatch's embedded metric format: no call to AWS.
 * By stage, so that one account can hold several.
 */
export const metrics = new Metrics({ defaultDimensions: { stage: readOptional('SLUICE_STAGE') ?? 'none' } });
