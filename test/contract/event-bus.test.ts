import { randomUUID } from 'node:crypto';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, inject, test } from 'vitest';
import { createEventBus } from '../../src/lib/aws/event-bus.ts';
import { anEvent } from '../unit/event/an-event.ts';
import { rootOf } from './root.ts';

const root = rootOf({ endpoint: inject('endpoint'), region: 'us-east-1' });

test('an event on the bus reaches a queue by a rule, as the detail of its envelope', async () => {
  const [eventBridge, sqs] = [new EventBridgeClient(root), new SQSClient(root)];
  const name = `bus-${randomUUID()}`;
  await eventBridge.send(new CreateEventBusCommand({ Name: name }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const rule = { Rule: 'accepted', EventBusName: name };
  const EventPattern = JSON.stringify({ source: ['sluice'], 'detail-type': ['upload.accepted'] });
  await eventBridge.send(new PutRuleCommand({ Name: rule.Rule, EventBusName: name, EventPattern }));
  await eventBridge.send(
    new PutTargetsCommand({ ...rule, Targets: [{ Id: '1', Arn: Attributes?.QueueArn }] }),
  );

  const events = [anEvent({ id: 'x.rejected', type: 'upload.rejected' }), anEvent({ id: 'x.accepted' })];
  expect(await createEventBus(eventBridge, name).put(events)).toEqual(['taken', 'taken']);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toMatchObject([
    { source: 'sluice', 'detail-type': 'upload.accepted', detail: events[1] },
  ]);
});
