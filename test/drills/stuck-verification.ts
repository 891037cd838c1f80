// Somebody stopped verification by hand and forgot it; and before, workers were killed whose messages are
// gone as well.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { countsOf } from './command.ts';
import { createDrill } from './drill.ts';
import type { Scene } from './scene.ts';
import { unnotified } from './unnotified.ts';

const QUEUED = 200;
const KILLED = 30;
const NEIGHBOURS = 20;
const TEN_MINUTES = 10 * 60_000;
const POLL_MS = 250;

const SHOW = 'npx sluice admin show <id> --stage prod';
const ENABLE = `aws lambda update-event-source-mapping --enabled --uuid $(aws lambda list-event-source-mappings --output text --query "EventSourceMappings[?contains(FunctionArn, ':sluice-prod-verify-arrivals')].UUID")`;
const ANNOUNCE = 'npx sluice admin announce --stuck --stage prod';

export const stuckVerification = createDrill({
  name: 'stuck-verification',
  title: `verification was stopped by hand with ${QUEUED} files in the queue, and ${KILLED} workers were killed`,
  symptom: 'ArrivalsLateAlarm',
  commands: [SHOW, ENABLE, ANNOUNCE],

  trouble: async (scene) => {
    const before = await scene.send({ tenant: 'drills', subject: 'before' }, NEIGHBOURS);
    await scene.until(before, 'accepted');
    const killed = await unnotified(scene, () => scene.send({ tenant: 'drills', subject: 'killed' }, KILLED));
    await claimAll(scene, killed);
    await stop(scene);
    const queued = await scene.send({ tenant: 'drills', subject: 'queued' }, QUEUED);
    await scene.age(TEN_MINUTES);
    await scene.until(queued, 'requested', 0);
    await scene.until(killed, 'verifying', 0);
    return { before, killed, queued };
  },

  cure: async ({ run }, { queued, killed }) => {
    const { out } = await run(SHOW, { id: queued[0] ?? '' });
    assert.match(out, /is not judged yet/);
    await run(ENABLE);
    const { announced = 0 } = countsOf(await run(ANNOUNCE));
    assert.ok(announced >= killed.length, `${announced} announced`);
  },

  proof: async ({ send, until }, { before, killed, queued }) => {
    const during = await send({ tenant: 'drills', subject: 'during' }, NEIGHBOURS);
    await until([...killed, ...queued, ...during], 'accepted');
    await until(before, 'accepted', 0);
  },
});

/** Takes uploads as workers do that are killed at once. */
async function claimAll({ ledger }: Scene, ids: readonly string[]): Promise<void> {
  const now = Date.now();
  const dueAt = now + 2 * 3_600_000;
  for (const id of ids) {
    const upload = await ledger.read(id);
    assert.ok(upload);
    const lease = { key: upload.key, worker: 'killed', now, leaseEndsAt: now + 1, dueAt };
    assert.equal((await ledger.claim(id, lease)).kind, 'claimed');
  }
}

/** Stops verification, as docs/operating.md says, and waits until it is. */
async function stop({ lambda, stack }: Scene): Promise<void> {
  const FunctionName = `${stack.stackName}-verify-arrivals`;
  const find = async () => {
    const { EventSourceMappings = [] } = await lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName }),
    );
    return EventSourceMappings[0];
  };
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID: (await find())?.UUID, Enabled: false }));
  while ((await find())?.State !== 'Disabled') await delay(POLL_MS);
}
