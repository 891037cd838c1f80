import type { S3Client } from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { endpointOf, usesPathStyle } from '../endpoint.ts';
import { ParamValidationError } from '../errors/settings.ts';
import type { Settings } from '../settings/values.ts';

/**
 * Where calls go, by the rules that the client itself follows: region, endpoint, style of address, FIPS, dual
 * stack and acceleration included. Throws `ParamValidationError` for what these rules do not allow together.
 */
export function addressOf(client: S3Client, settings: Settings, bucket: string | undefined): URL {
  const { values } = settings;
  const endpoint = endpointOf(settings, 's3');
  try {
    const { url } = client.config.endpointProvider({
      Region: values.region,
      UseFIPS: values.useFipsEndpoint,
      UseDualStack: values.useDualstackEndpoint,
      Accelerate: values.useAccelerateEndpoint,
      ForcePathStyle: usesPathStyle(settings, endpoint),
      ...(bucket !== undefined && { Bucket: bucket }),
      ...(endpoint !== undefined && { Endpoint: endpoint }),
    });
    return url;
  } catch (error) {
    // The rules throw plain errors with a good sentence in them.
    throw new ParamValidationError({ message: classify(error).message, cause: error });
  }
}
