import { Metrics } from '@aws-lambda-powertools/metrics';

/** The function's metrics, written to its log in CloudWatch's embedded metric format: no call to AWS. */
export const metrics = new Metrics();
