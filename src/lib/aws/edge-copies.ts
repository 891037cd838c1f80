import { CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { createCloudFrontClient } from '@sluice/connection/clients/cloudfront';
import type { Settings } from '@sluice/connection/settings/values';
import type { ForgetCopies } from '../upload/ports.ts';

/** Has a distribution of CloudFront forget what it keeps of a file. */
export function createForgetCopies(settings: Settings, distribution: string): ForgetCopies {
  const client = createCloudFrontClient(settings);
  return async ({ id, key }) => {
    await client.send(
      new CreateInvalidationCommand({
        DistributionId: distribution,
        InvalidationBatch: {
          // The same reference again is the same invalidation: a repeat costs nothing and does nothing.
          CallerReference: id,
          // Copies are kept by the address and the headers that it asked for.
          Paths: { Quantity: 1, Items: [`/${key}*`] },
        },
      }),
    );
  };
}
