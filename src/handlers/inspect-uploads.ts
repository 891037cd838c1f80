// A placeholder.
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';

export function createHandler() {
  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => ({
    batchItemFailures: Records.map(({ messageId }) => ({ itemIdentifier: messageId })),
  });
}

export const handler = createHandler();
