// S3 has told nobody of files that arrived: the bucket was without its notification for a while.
import assert from 'node:assert/strict';
import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import { countsOf } from './command.ts';
import { createDrill } from './drill.ts';

const LOST = 200;
const NEIGHBOURS = 20;
const TEN_MINUTES = 10 * 60_000;

const ANNOUNCE = 'npx sluice admin announce --stuck --stage prod';

export const lostNotification = createDrill({
  name: 'lost-notification',
  title: `S3 has notified of none of ${LOST} files that arrived`,
  symptom: 'LostArrivalsAlarm',
  commands: [ANNOUNCE],

  trouble: async ({ s3, stack, send, until, age }) => {
    const before = await send({ tenant: 'drills', subject: 'before' }, NEIGHBOURS);
    await until(before, 'accepted');
    const Bucket = stack.buckets.incoming;
    const { $metadata: _answer, ...NotificationConfiguration } = await s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket }),
    );
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }));
    const lost = await send({ tenant: 'drills', subject: 'lost' }, LOST);
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
    await age(TEN_MINUTES);
    await until(lost, 'requested', 0);
    return { before, lost };
  },

  cure: async ({ run }) => {
    assert.deepEqual(countsOf(await run(ANNOUNCE)), { announced: LOST });
  },

  proof: async ({ send, until, read }, { before, lost }) => {
    const during = await send({ tenant: 'drills', subject: 'during' }, NEIGHBOURS);
    await until([...lost, ...during], 'accepted');
    assert.ok((await read(before)).every(({ state }) => state === 'accepted'));
  },
});
