// S3 has told nobody of files that arrived: the bucket was without its notification for a while.
import assert from 'node:assert/strict';
import { countsOf } from './command.ts';
import { createDrill } from './drill.ts';
import { unnotified } from './unnotified.ts';

const LOST = 200;
const NEIGHBOURS = 20;
const TEN_MINUTES = 10 * 60_000;

const ANNOUNCE = 'npx sluice admin announce --stuck --stage prod';

export const lostNotification = createDrill({
  name: 'lost-notification',
  title: `S3 has notified of none of ${LOST} files that arrived`,
  symptom: 'LostArrivalsAlarm',
  commands: [ANNOUNCE],

  trouble: async (scene) => {
    const before = await scene.send({ tenant: 'drills', subject: 'before' }, NEIGHBOURS);
    await scene.until(before, 'accepted');
    const lost = await unnotified(scene, () => scene.send({ tenant: 'drills', subject: 'lost' }, LOST));
    await scene.age(TEN_MINUTES);
    await scene.until(lost, 'requested', 0);
    return { before, lost };
  },

  cure: async ({ run }) => {
    assert.deepEqual(countsOf(await run(ANNOUNCE)), { announced: LOST });
  },

  proof: async ({ send, until }, { before, lost }) => {
    const during = await send({ tenant: 'drills', subject: 'during' }, NEIGHBOURS);
    await until([...lost, ...during], 'accepted');
    await until(before, 'accepted', 0);
  },
});
