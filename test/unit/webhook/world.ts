import type { UploadEvent } from '@sluice/contract/event';
import { type DeliverDeps, deliverGroup, type Outcome, toGroups } from '../../../src/lib/webhook/deliver.ts';
import { ALL_TENANTS, type Endpoint } from '../../../src/lib/webhook/endpoint.ts';
import { type FanOutDeps, fanOut } from '../../../src/lib/webhook/fan-out.ts';
import { createWebhookKeys } from '../../../src/lib/webhook/keys.ts';
import type { Post } from '../../../src/lib/webhook/ports.ts';
import type { Answer } from '../../../src/lib/webhook/schedule.ts';
import { announceDue } from '../../../src/lib/webhook/sweep.ts';
import { memoryDeliveries, memoryEndpoints, memoryQueue, memorySlots } from '../../fakes/memory-webhooks.ts';

export const MASTER = 'm'.repeat(64);
export const START = Date.UTC(2026, 10, 26, 12);

export function endpointOf(changes: Partial<Endpoint> = {}): Endpoint {
  return {
    id: 'e1',
    scope: ALL_TENANTS,
    url: 'https://hooks.example.com/sluice',
    types: ['upload.accepted', 'upload.rejected'],
    signatures: ['v1'],
    enabled: true,
    createdAt: START,
    version: 1,
    revision: 1,
    ...changes,
  };
}

export function eventOf(id = 'a0', changes: Partial<UploadEvent> = {}): UploadEvent {
  return {
    specversion: '1.0',
    id: `${id}.accepted`,
    source: 'urn:sluice:test',
    type: 'upload.accepted',
    subject: id,
    time: '2026-11-26T12:00:00.000Z',
    datacontenttype: 'application/json',
    data: {
      id,
      state: 'accepted',
      tenant: 'acme',
      subject: 'alice',
      policy: 'image',
      filename: 'photo.jpg',
      contentType: 'image/jpeg',
      metadata: {},
      readers: 'owner',
      createdAt: '2026-11-26T11:59:00.000Z',
    },
    ...changes,
  };
}

export type Sent = Parameters<Post>[0];

/** The whole path in memory, with a clock that stands still until it is moved. */
export function setup(
  {
    endpoints: given = [endpointOf()],
    random = 0,
    speed = 1,
  }: { endpoints?: readonly Endpoint[]; random?: number; speed?: number } = {},
  answerTo: (sent: Sent, count: number) => Answer | Promise<Answer> = () => ({ status: 204 }),
) {
  let time = START;
  let ids = 0;
  const now = () => time;
  const { endpoints, rows: endpointRows } = memoryEndpoints(new Map(given.map((one) => [one.id, one])));
  const { deliveries, rows } = memoryDeliveries();
  const slots = memorySlots();
  const queue = memoryQueue(now);
  const sent: Sent[] = [];
  const outcomes: Outcome[] = [];
  const deps: DeliverDeps & FanOutDeps = {
    endpoints,
    deliveries,
    slots,
    announce: queue.announce,
    keys: createWebhookKeys(async () => [MASTER]),
    post: async (request) => {
      sent.push(request);
      return answerTo(request, sent.length);
    },
    now,
    random: () => random,
    newId: () => `worker-${++ids}`,
    speed,
    userAgent: 'Sluice-Webhooks/0',
  };
  const deliverAll = async (own: DeliverDeps = deps) => {
    for (const group of toGroups(queue.take())) {
      await deliverGroup(
        own,
        group,
        () => true,
        (outcome) => outcomes.push(outcome),
      );
    }
  };
  const countMessages = async () => queue.messages.length;
  const sweep = () =>
    announceDue({ deliveries, announce: queue.announce, countMessages, now }, new AbortController().signal);
  return {
    deps,
    endpointRows,
    rows,
    queue,
    slots,
    sent,
    outcomes,
    now,
    /** the only row */
    row: () => [...rows.values()][0],
    endpoint: () => endpointRows.get('e1'),
    fanOut: (event = eventOf()) => fanOut(deps, event),
    deliverAll,
    sweep,
    pass: (ms: number) => {
      time += ms;
    },
    /** Lets time pass as it does deployed: messages are taken each second, and the sweep runs each minute. */
    run: async (ms: number, stepMs = 1_000) => {
      for (const end = time + ms; time < end; ) {
        time += stepMs;
        if (Math.floor(time / 60_000) !== Math.floor((time - stepMs) / 60_000)) {
          // One that finds nothing changes nothing, and a history has many thousands of these.
          if ([...rows.values()].some(({ dueAt = time + 1 }) => dueAt <= time)) await sweep();
        }
        await deliverAll();
      }
    },
  };
}
