import { S3Client } from '@aws-sdk/client-s3';
import { endpointOf, usesPathStyle } from '../endpoint.ts';
import type { Settings } from '../settings/values.ts';
import { checkInputs } from './check-input.ts';
import { noteRegions } from './note-region.ts';
import { type ClientExtras, clientOptions, poolFor } from './options.ts';
import { wire } from './wire.ts';

/**
 * An S3 client that keeps its promises about time-outs, sockets and retries. Make it once, at module scope:
 * warm invocations then reuse its sockets. `client.destroy()` closes them and may be called twice.
 */
export function createS3Client(settings: Settings, extras: ClientExtras = {}): S3Client {
  const pool = poolFor(settings, 's3');
  const { values } = settings;
  const client = new S3Client({
    ...clientOptions(settings, 's3', extras, pool),
    forcePathStyle: usesPathStyle(settings, endpointOf(settings, 's3')),
    useAccelerateEndpoint: values.useAccelerateEndpoint,
    requestChecksumCalculation: values.requestChecksumCalculation,
    responseChecksumValidation: values.responseChecksumValidation,
    // As boto3: a bucket in another region answers 301 with its region, and the SDK asks there.
    followRegionRedirects: true,
    useArnRegion: values.useArnRegion,
    disableS3ExpressSessionAuth: values.disableExpressSessionAuth,
    // Not looked for in ~/.aws/config either.
    sigv4aSigningRegionSet: [],
  });
  checkInputs(client.middlewareStack);
  noteRegions(client.middlewareStack, values.region ?? '');
  return wire(client, pool, extras);
}
