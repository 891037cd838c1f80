// What is kept, and for how long, is changed in the file of the stage.
import assert from 'node:assert/strict';
import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { rootOf } from '../contract/root.ts';
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

  proof: async ({ send, until, stack, ...scene }, { before, ends }) => {
    const [after = ''] = await send(OWNER, 1, PAGE);
    await until([after], 'rejected');
    const within = (seconds: number, days: string) => Math.abs(seconds - Number(days) * DAY) < 300;
    assert.ok(within(ends.inSeconds, SHORT));
    // A row that has its end keeps it.
    assert.equal((await endOf({ ...scene, stack }, before)).at, ends.at);
    assert.ok(within((await endOf({ ...scene, stack }, after)).inSeconds, LONG));
    // Objects have none of their own: the bucket's rule is for all of them. The local stack deploys the rule
    // and sets none, so what it was told is looked at.
    const { TemplateBody = '' } = await new CloudFormationClient(rootOf(stack)).send(
      new GetTemplateCommand({ StackName: stack.stackName }),
    );
    const { Resources } = JSON.parse(TemplateBody) as {
      readonly Resources: Readonly<Record<string, Bucket>>;
    };
    const rules = Resources.QuarantineBucket?.Properties.LifecycleConfiguration?.Rules ?? [];
    assert.deepEqual(
      rules.map(({ ExpirationInDays }) => Number(ExpirationInDays)),
      [Number(LONG)],
    );
  },
});

type Bucket = {
  readonly Properties: {
    readonly LifecycleConfiguration?: {
      readonly Rules: readonly { readonly ExpirationInDays?: number | string }[];
    };
  };
};

/** When the row of an upload is forgotten. */
async function endOf({ dynamo, stack }: Pick<Scene, 'dynamo' | 'stack'>, id: string) {
  const { Item } = await dynamo.send(new GetItemCommand({ TableName: stack.table, Key: { id: { S: id } } }));
  const at = Number(Item?.forgetAt?.N);
  return { at, inSeconds: at - Number(Item?.settledAt?.N) / 1000 };
}
