import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createWebhookDeliveries } from '../../src/lib/aws/webhook-deliveries.ts';
import { createWebhookEndpoints } from '../../src/lib/aws/webhook-endpoints.ts';
import { createWebhookSlots } from '../../src/lib/aws/webhook-slots.ts';
import { rootOf } from './root.ts';
import { webhooksContract } from './webhooks.contract.ts';

const { table } = inject('stack').webhooks;
const dynamo = new DynamoDBClient(rootOf(inject('aws')));

webhooksContract('the table of webhooks in DynamoDB', async () => ({
  endpoints: createWebhookEndpoints(dynamo, table),
  deliveries: createWebhookDeliveries(dynamo, table),
  slots: createWebhookSlots(dynamo, table),
}));
