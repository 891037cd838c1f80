import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import type { Delivery, EventBus } from '../event/ports.ts';

/** The source of every event on the bus, which rules match by. */
export const EVENT_SOURCE = 'sluice';

/** What trying again does not help against: the entry itself is at fault, and would block those behind it. */
const FOR_GOOD: readonly string[] = ['MalformedDetail', 'InvalidArgument', 'NotAuthorizedForSourceException'];

/** The stack's own bus on EventBridge. The type of an event is its `detail-type`, the event its `detail`. */
export function createEventBus(eventBridge: EventBridgeClient, bus: string): EventBus {
  return {
    async put(events) {
      const { Entries = [] } = await eventBridge.send(
        new PutEventsCommand({
          Entries: events.map((event) => ({
            EventBusName: bus,
            Source: EVENT_SOURCE,
            DetailType: event.type,
            Detail: JSON.stringify(event),
          })),
        }),
      );
      return events.map((_event, index) => toDelivery(Entries[index]));
    },
  };
}

/** PutEvents answers 200 with failed entries among the others; only an id says that one was taken. */
function toDelivery(entry: PutEventsResultEntry = {}): Delivery {
  if (entry.EventId !== undefined && entry.ErrorCode === undefined) return 'taken';
  return entry.ErrorCode !== undefined && FOR_GOOD.includes(entry.ErrorCode) ? 'never' : 'later';
}
