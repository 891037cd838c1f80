// Clients that the makers of several adapters share: one of each for a function.

import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { createSQSClient } from '@sluice/connection/clients/sqs';
import { openStores } from '../aws/open-stores.ts';
import { createStoreClient } from '../aws/store-client.ts';
import type { Environment } from '../settings.ts';

/** The client of S3, of the stores that the deployment has. */
export function s3(environment: Environment) {
  return createStoreClient(environment.once(openStores));
}

/** The client of SQS. */
export function sqs(environment: Environment) {
  return createSQSClient(environment.connection());
}

/** The client of DynamoDB. */
export function dynamo(environment: Environment) {
  return createDynamoDBClient(environment.connection());
}
