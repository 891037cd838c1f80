import { poolOf } from '../clients/wire.ts';
import { bandwidthOf } from './bandwidth.ts';
import type { TransferOptions } from './options.ts';

/** The options of a transfer, with those of the client's settings where it has none of its own. */
export function withClientOptions<Request extends TransferOptions>(
  client: object,
  request: Request,
): Request {
  const { transferConcurrency, transferThresholdBytes, transferPartBytes } =
    poolOf(client)?.settings.values ?? {};
  const bandwidth = request.maxBytesPerSecond === undefined ? bandwidthOf(client) : undefined;
  return {
    ...(transferConcurrency !== undefined && { concurrency: transferConcurrency }),
    ...(transferThresholdBytes !== undefined && { thresholdBytes: transferThresholdBytes }),
    ...(transferPartBytes !== undefined && { partBytes: transferPartBytes }),
    ...(bandwidth && { bandwidth }),
    ...request,
  };
}
