import type { Settings, Source } from './settings/values.ts';

/** The services that Sluice talks to, as the SDK's clients and the shared file call them. */
export type Service =
  | 's3'
  | 'dynamodb'
  | 'sqs'
  | 'sts'
  | 'secretsmanager'
  | 'cloudfront'
  | 'eventbridge'
  | 'guardduty'
  | 'lambda'
  | 'logs';

const strength: Readonly<Record<Source['kind'], number>> = {
  code: 4,
  environment: 3,
  file: 2,
  default: 1,
  unset: 0,
};

/**
 * The endpoint that was asked for, or undefined for AWS's own. One service's endpoint wins over the general
 * one, but not over a stronger source: code over environment over file.
 */
export function endpointOf({ values, sources }: Settings, service: Service): string | undefined {
  const own = `${service}Endpoint` as const;
  const name = strength[sources[own].kind] >= strength[sources.endpoint.kind] ? own : 'endpoint';
  const isConfigured = sources[name].kind === 'environment' || sources[name].kind === 'file';
  return isConfigured && values.ignoreConfiguredEndpoints ? undefined : values[name];
}

/** The hosts of AWS's own endpoints, in every partition. */
const OF_AWS =
  /(^|\.)(amazonaws\.com(\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|csp\.hci\.ic\.gov|cloud\.adc-e\.uk)$/;

/**
 * Whether buckets stand in the path: they do on every endpoint that is not AWS's own, as in boto3. Most other
 * stores have no names below theirs, and addresses never do.
 */
export function usesPathStyle({ values }: Settings, endpoint: string | undefined): boolean {
  if (values.addressingStyle !== 'auto') return values.addressingStyle === 'path';
  if (endpoint === undefined) return false;
  return !OF_AWS.test(new URL(endpoint).hostname);
}
