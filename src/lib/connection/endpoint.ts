import type { Settings, Source } from './settings/values.ts';

/** The services that Sluice talks to, as the SDK's clients and the shared file call them. */
export type Service = 's3' | 'dynamodb' | 'sqs' | 'sts' | 'secretsmanager';

const strength: Readonly<Record<Source['kind'], number>> = {
  code: 4,
  environment: 3,
  file: 2,
  default: 1,
  unset: 0,
};

/**
 * The endpoint that was asked for, or undefined for AWS's own. One service's endpoint wins over the general one, but not over
 * a stronger source: code over environment over file.
 */
export function endpointOf({ values, sources }: Settings, service: Service): string | undefined {
  const own = `${service}Endpoint` as const;
  const name = strength[sources[own].kind] >= strength[sources.endpoint.kind] ? own : 'endpoint';
  const isConfigured = sources[name].kind === 'environment' || sources[name].kind === 'file';
  return isConfigured && values.ignoreConfiguredEndpoints ? undefined : values[name];
}

/**
 * Whether buckets stand in the path. An IP address has no subdomains, and `bucket.localhost` resolves on some machines only.
 */
export function usesPathStyle({ values }: Settings, endpoint: string | undefined): boolean {
  if (values.addressingStyle !== 'auto') return values.addressingStyle === 'path';
  if (endpoint === undefined) return false;
  const { hostname } = new URL(endpoint);
  return hostname === 'localhost' || hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(hostname);
}
