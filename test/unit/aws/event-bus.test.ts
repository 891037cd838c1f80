import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createEventBus } from '../../../src/lib/aws/event-bus.ts';
import { anEvent } from '../event/an-event.ts';

function setup() {
  const client = new EventBridgeClient({ region: 'eu-central-1' });
  return { eventBridge: mockClient(client), bus: createEventBus(client, 'sluice-test') };
}

test('puts events on the bus by their types, each as the detail of its entry', async () => {
  const { eventBridge, bus } = setup();
  eventBridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }] });
  const event = anEvent({ id: 'x.rejected', type: 'upload.rejected' });
  expect(await bus.put([event])).toEqual(['taken']);
  const [call] = eventBridge.commandCalls(PutEventsCommand);
  const [entry] = call?.args[0].input.Entries ?? [];
  expect(entry).toMatchObject({
    EventBusName: 'sluice-test',
    Source: 'sluice',
    DetailType: 'upload.rejected',
  });
  expect(JSON.parse(entry?.Detail ?? '')).toEqual(event);
});

test('takes only an entry with an id for taken, although the call succeeded', async () => {
  const { eventBridge, bus } = setup();
  eventBridge.on(PutEventsCommand).resolves({
    FailedEntryCount: 4,
    Entries: [
      { EventId: '1' },
      { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' },
      { ErrorCode: 'InternalFailure' },
      { ErrorCode: 'MalformedDetail' },
      {},
    ],
  });
  const events = Array.from({ length: 6 }, () => anEvent());
  expect(await bus.put(events)).toEqual(['taken', 'later', 'later', 'never', 'later', 'later']);
});

test('throws when the call itself fails', async () => {
  const { eventBridge, bus } = setup();
  eventBridge.on(PutEventsCommand).rejects(new Error('Rate exceeded'));
  await expect(bus.put([anEvent()])).rejects.toThrow('Rate exceeded');
});
