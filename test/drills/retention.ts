// What is kept, and for how long, is changed in the file of the stage.
import assert from 'node:assert/strict';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3';
import { createDrill } from './drill.ts';
import type { Scene } from './scene.ts';

const [SHORT, LONG] = ['1', '60'];
const DAY = 86_400;
const OWNER = { tenant: 'drills', subject: 'kept' };
const PAGE = { bytes: () => '<!doctype html><p>hello' };

const DEPLOY = 'npx serverless deploy --stage prod';

export const retention = createDrill({
  name: 'retention',
  title: 'rejected files are to be kept for sixty days instead of one',
  symptom: 'Something is to be kept longer, or less long',
  commands: [DEPLOY],
  wishes: { parameters: { rejectedRetentionInDays: SHORT } },

  trouble: async ({ send, until, ...scene }) => {
    const [before = ''] = await send(OWNER, 1, PAGE);
    await until([before], 'rejected');
    return { before, ends: await endOf(scene, before) };
  },

  cure: async ({ deploy }) => {
    await deploy({ parameters: { rejectedRetentionInDays: LONG } });
  },

  proof: async ({ send, until, s3, stack, ...scene }, { before, ends }) => {
    const [after = ''] = await send(OWNER, 1, PAGE);
    await until([after], 'rejected');
    const within = (seconds: number, days: string) => Math.abs(seconds - Number(days) * DAY) < 300;
    assert.ok(within(ends.inSeconds, SHORT));
    // A row that has its end keeps it.
    assert.equal((await endOf({ ...scene, stack }, before)).at, ends.at);
    assert.ok(within((await endOf({ ...scene, stack }, after)).inSeconds, LONG));
    // Objects have none of their own: the bucket's rule is for all of them.
    const { Rules = [] } = await s3.send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: stack.buckets.quarantine }),
    );
    assert.ok(
      Rules.some(({ Expiration }) => Expiration?.Days === Number(LONG)),
      JSON.stringify(Rules),
    );
  },
});

/** When the row of an upload is forgotten. */
async function endOf({ dynamo, stack }: Pick<Scene, 'dynamo' | 'stack'>, id: string) {
  const { Item } = await dynamo.send(new GetItemCommand({ TableName: stack.table, Key: { id: { S: id } } }));
  const at = Number(Item?.forgetAt?.N);
  return { at, inSeconds: at - Number(Item?.settledAt?.N) / 1000 };
}
