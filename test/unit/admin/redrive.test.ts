import type { AdminPage } from '@sluice/contract/admin';
import { expect, test } from 'vitest';
import { aRequest } from '../../contract/ledger.contract.ts';
import { scanRequest } from '../../fakes/scan-request.ts';
import { anEvent } from '../event/an-event.ts';
import { createAdminWorld } from './world.ts';

/** A message of S3's. */
function arrival(key: string, bucket = 'incoming'): string {
  const s3 = { bucket: { name: bucket }, object: { key } };
  return JSON.stringify({
    Records: [{ eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3 }],
  });
}

async function setup() {
  const [waiting, gone, newer] = [aRequest(), aRequest(), aRequest()];
  const world = await createAdminWorld([waiting, gone]);
  world.ledger.rows.set(newer.id, { upload: newer, schema: 99 });
  world.objects.put(waiting.key, 'abc');
  const bodies = {
    waiting: arrival(waiting.key),
    gone: arrival(gone.key),
    unreadable: arrival(newer.key),
    foreign: arrival('photo.jpg', 'somebody-elses'),
    malformed: '{"hello":"world"}',
  };
  world.deadLetters.add('arrivals', ...Object.values(bodies));
  return { ...world, bodies };
}

function bodiesOf(messages: readonly { readonly body: string }[]): string[] {
  return messages.map(({ body }) => body).toSorted();
}

test('sends back what may be verified now, sets poison aside, and leaves what would fail again', async () => {
  const { ask, deadLetters, bodies } = await setup();
  const page = (await ask({ command: 'redrive', queue: 'arrivals' })) as AdminPage;
  expect(page.counts).toEqual({ sent: 2, 'set aside': 2, left: 1 });
  expect(bodiesOf(deadLetters.back.arrivals)).toEqual([bodies.waiting, bodies.gone].toSorted());
  expect(deadLetters.aside.toSorted((a, b) => (a.cause < b.cause ? -1 : 1))).toEqual([
    { queue: 'arrivals', cause: 'foreign', body: bodies.foreign },
    { queue: 'arrivals', cause: 'malformed', body: bodies.malformed },
  ]);
  expect(bodiesOf(deadLetters.dead.arrivals)).toEqual([bodies.unreadable]);
  expect(page.items.map(({ detail }) => detail).toSorted()).toEqual([
    'foreign',
    'gone',
    'malformed',
    'unreadable',
    'waiting',
  ]);
});

test('sends only messages of the causes that are named, those among them that would fail again, too', async () => {
  const { ask, deadLetters, bodies } = await setup();
  const page = await ask({ command: 'redrive', queue: 'arrivals', causes: ['unreadable'] });
  expect((page as AdminPage).counts).toEqual({ sent: 1, left: 4 });
  expect(bodiesOf(deadLetters.back.arrivals)).toEqual([bodies.unreadable]);
});

test('counts by cause and moves nothing in a dry run', async () => {
  const { ask, deadLetters } = await setup();
  const page = (await ask({ command: 'redrive', queue: 'arrivals', dryRun: true })) as AdminPage;
  expect(page.counts).toEqual({ sent: 2, 'set aside': 2, left: 1 });
  expect([deadLetters.dead.arrivals.length, deadLetters.back.arrivals.length]).toEqual([5, 0]);
  expect(deadLetters.aside).toEqual([]);
});

test('takes changes by what is wrong with them, and events that are none for poison', async () => {
  const { ask, deadLetters } = await createAdminWorld();
  deadLetters.add(
    'events',
    '{"why":"overdue","record":{}}',
    '{"why":"refused","record":{}}',
    '{"why":1}',
    'x',
  );
  deadLetters.add('webhooks', JSON.stringify({ detail: anEvent({}) }), '{}');
  expect(await ask({ command: 'redrive', queue: 'events', causes: ['overdue'] })).toMatchObject({
    counts: { sent: 1, left: 3 },
  });
  deadLetters.show();
  expect(await ask({ command: 'redrive', queue: 'events' })).toMatchObject({
    counts: { sent: 1, 'set aside': 2 },
  });
  expect(await ask({ command: 'redrive', queue: 'webhooks' })).toMatchObject({
    counts: { sent: 1, 'set aside': 1 },
  });
});

test('takes requests for scans and their results, and sets aside what is neither', async () => {
  const { ask, deadLetters } = await createAdminWorld();
  const result = { ...scanRequest, outcome: 'clean' };
  deadLetters.add('scans', JSON.stringify(scanRequest), JSON.stringify(result), '{"scanner":"clamav"}', '');
  const page = (await ask({ command: 'redrive', queue: 'scans' })) as AdminPage;
  expect(page.counts).toEqual({ sent: 2, 'set aside': 2 });
  expect(page.items.map(({ detail }) => detail)).toEqual(['request', 'result', 'malformed', 'malformed']);
});

test('ends after as many messages as there were, though they come back', async () => {
  const { ask, deadLetters, deps } = await createAdminWorld();
  deadLetters.add('arrivals', ...Array.from({ length: 25 }, (_, n) => arrival(`acme/${n}`)));
  const putBack = deps.deadLetters.putBack;
  deps.deadLetters = {
    ...deps.deadLetters,
    putBack: async (queue, message) => {
      await putBack(queue, message);
      deadLetters.add(queue, message.body);
    },
  };
  const first = (await ask({ command: 'redrive', queue: 'arrivals' }, 1)) as AdminPage;
  expect([first.counts, first.cursor]).toEqual([{ sent: 10 }, '15']);
  const rest = (await ask({ command: 'redrive', queue: 'arrivals', cursor: '15' })) as AdminPage;
  // Whole pages are received: the last one may hold some more.
  expect(rest.counts.sent).toBe(20);
});

test('a dry run hides nothing from the run that follows it', async () => {
  const { ask, deadLetters } = await setup();
  const counts = { sent: 2, 'set aside': 2, left: 1 };
  expect(await ask({ command: 'redrive', queue: 'arrivals', dryRun: true })).toMatchObject({ counts });
  expect(deadLetters.dead.arrivals).toHaveLength(5);
  expect(await ask({ command: 'redrive', queue: 'arrivals' })).toMatchObject({ counts });
});

test('a dry run looks at the first five hundred, and says how many there are besides', async () => {
  const { ask, deadLetters } = await createAdminWorld();
  deadLetters.add('arrivals', ...Array.from({ length: 512 }, (_, n) => arrival(`acme/${n}`)));
  const page = (await ask({ command: 'redrive', queue: 'arrivals', dryRun: true }, 1)) as AdminPage;
  expect(page).toMatchObject({ counts: { sent: 500 }, notes: ['12 more were not looked at.'] });
  expect(page.cursor).toBeUndefined();
});

test('waits for messages that somebody else has received, and sends them when they come', async () => {
  const { ask, deadLetters, bodies } = await setup();
  await deadLetters.receive('arrivals');
  const first = (await ask({ command: 'redrive', queue: 'arrivals' }, 3)) as AdminPage;
  expect([first.counts, first.cursor]).toEqual([{}, '5.3']);
  deadLetters.show();
  const rest = await ask({ command: 'redrive', queue: 'arrivals', cursor: first.cursor ?? '' });
  expect((rest as AdminPage).counts).toEqual({ sent: 2, 'set aside': 2, left: 1 });
  expect(bodiesOf(deadLetters.back.arrivals)).toEqual([bodies.waiting, bodies.gone].toSorted());
});

test('says how many messages did not come within a minute', async () => {
  const { ask, deadLetters } = await setup();
  await deadLetters.receive('arrivals');
  const page = (await ask({ command: 'redrive', queue: 'arrivals' })) as AdminPage;
  expect(page.cursor).toBeUndefined();
  expect(page.notes?.[0]).toMatch(/^5 of the messages that were counted did not come/);
});

test('a message that cannot be sent stays, and its neighbours are sent', async () => {
  const { ask, deadLetters, deps } = await createAdminWorld();
  deadLetters.add('arrivals', arrival('acme/1'), arrival('acme/2'));
  const putBack = deps.deadLetters.putBack;
  deps.deadLetters = {
    ...deps.deadLetters,
    putBack: async (queue, message) => {
      if (message.body.includes('acme/1')) throw new Error('SQS is away');
      await putBack(queue, message);
    },
  };
  expect(await ask({ command: 'redrive', queue: 'arrivals' })).toMatchObject({
    counts: { failed: 1, sent: 1 },
  });
  expect(deadLetters.dead.arrivals).toHaveLength(1);
});

test.each(['-1', 'x', '1.', '1.2.3'])('refuses the cursor %j', async (cursor) => {
  const { ask } = await createAdminWorld();
  await expect(ask({ command: 'redrive', queue: 'arrivals', cursor })).rejects.toThrow(
    'the cursor is not one',
  );
});
