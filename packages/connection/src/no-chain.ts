import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { NoCredentialsError } from './errors/settings.ts';

/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles of the functions (serverless.yml,
 * custom.esbuild.alias).
 *
 * Lambda puts a function's keys in its environment, and our clients are given those, so that the SDK never
 * asks its own chain. Yet every client imports it, and with it the clients of STS and of single sign-on: 40 %
 * of a bundle, a sixth of a cold start, for code that cannot run. See docs/performance.md.
 */
export function defaultProvider(): AwsCredentialIdentityProvider {
  return async () => {
    throw new NoCredentialsError({
      message: 'not set in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY',
    });
  };
}
