// What one upload leaves in the logs, each batch being of it alone: docs/operating.md says it of a million.
import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { createHandler as createDeliver } from '../../../src/handlers/deliver-webhooks.ts';
import { createHandler as createDownload } from '../../../src/handlers/download-upload.ts';
import { createHandler as createFanOut } from '../../../src/handlers/fan-out-webhooks.ts';
import { createHandler as createPublish } from '../../../src/handlers/publish-events.ts';
import { createHandler as createRead } from '../../../src/handlers/read-upload.ts';
import { createHandler as createRequest } from '../../../src/handlers/request-upload.ts';
import { createHandler as createVerify } from '../../../src/handlers/verify-arrivals.ts';
import { newDelivery } from '../../../src/lib/webhook/delivery.ts';
import { honestFile } from '../../corpus/bytes.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { createMemoryFeed } from '../../fakes/memory-feed.ts';
import { WEBHOOK } from './webhooks-world.ts';
import { context, createWorld, ID, KEY, NOW, readEvent } from './world.ts';

vi.hoisted(() => {
  process.env.WHO_KEY = 'k'.repeat(64);
});
afterEach(() => void vi.restoreAllMocks());

/** CloudWatch counts so many bytes more for each line. */
const LINE_BYTES = 26;
const PICTURE = honestFile('picture.jpg');

/** The lines of an upload that is requested, sent, looked at twice, accepted, told of and read once. */
async function setup() {
  const lines = captureLog();
  const world = await createWorld({ size: PICTURE.length });
  const asked = await createWorld();
  world.objects.put(KEY, PICTURE);
  const feed = createMemoryFeed();
  const at = (name: string) => readEvent(`${name}.json`) as never;
  const key = { scope: '*', endpointId: WEBHOOK, eventId: `${ID}.accepted` };
  await world.webhooks.deliveries.create(newDelivery(key, { type: 'upload.accepted', body: '{}' }, NOW));

  await createRequest({ ...asked, sign: asked.signUpload, multipart: async () => asked.multipart })(
    at('request-upload.put'),
    context,
  );
  await createRead(world)(at('read-upload.own'), context);
  await createVerify(world)(at('verify-arrivals.sqs-s3-put'), context);
  await createRead(world)(at('read-upload.own'), context);
  await createDownload({ ...world, sign: world.signDownload })(at('download-upload.json'), context);
  await createPublish({
    feed,
    bus: { put: async (events) => events.map(() => 'taken' as const) },
    bury: async () => {},
    ledger: world.ledger,
    source: 'urn:sluice:test',
    now: () => NOW,
    random: () => 0.5,
    sleep: async () => {},
  })(at('publish-events.accepted'), context);
  await createFanOut(asked.webhooks)(at('fan-out-webhooks.accepted'), context);
  await createDeliver(world.webhooks)(at('deliver-webhooks.one'), context);
  return lines;
}

test('an upload leaves as much in the logs as docs/operating.md says', async () => {
  const lines = await setup();
  const bytes = lines.reduce((sum, line) => sum + JSON.stringify(line).length + LINE_BYTES, 0);
  const said = lines.map((line) => [line.message ?? Object.keys(line).at(-1), JSON.stringify(line).length]);
  const page = readFileSync('docs/operating.md', 'utf8');
  const [, documented, count] = /(\d\.\d) KB in (\d+) lines/.exec(page) ?? [];
  expect([(bytes / 1000).toFixed(1), String(lines.length)], JSON.stringify(said)).toEqual([
    documented,
    count,
  ]);
});
