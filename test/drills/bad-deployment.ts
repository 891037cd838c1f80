// The version that was deployed last cannot verify anything.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { stackName } from '../../local/deploy.ts';
import { projectRoot } from '../../local/folders.ts';
import { createDrill } from './drill.ts';

const NEIGHBOURS = 20;
const MEANWHILE = 50;

const LIST = 'npx serverless deploy list --stage prod';
const ROLLBACK = 'npx serverless rollback --stage prod --timestamp <timestamp>';

/** Policies with which verify-arrivals does not start, as one that reads a variable which nobody set. */
const BAD_POLICIES = `
import { policies } from '${join(projectRoot, 'src', 'policies.ts')}';
if (process.env.AWS_LAMBDA_FUNCTION_NAME?.endsWith('-verify-arrivals')) throw new Error('LIMIT is not set');
export { policies };
`;

export const badDeployment = createDrill({
  name: 'bad-deployment',
  title: 'The version that was deployed last fails with everything that arrives',
  symptom: 'WorkerErrorsAlarm',
  commands: [LIST, ROLLBACK],

  trouble: async ({ send, until, folder, redeploy, lambda }) => {
    const before = await send({ tenant: 'drills', subject: 'before' }, NEIGHBOURS);
    await until(before, 'accepted');
    const policies = join(folder, 'policies.ts');
    await writeFile(policies, BAD_POLICIES);
    await redeploy({ policies });
    const meanwhile = await send({ tenant: 'drills', subject: 'meanwhile' }, MEANWHILE);
    const { FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: `${stackName}-verify-arrivals`, Payload: '{"Records":[]}' }),
    );
    assert.ok(FunctionError, 'verify-arrivals fails as a whole, which is what the alarm looks at');
    await until(meanwhile, 'requested', 0);
    return { before, meanwhile };
  },

  cure: async ({ run }) => {
    const { out, err } = await run(LIST);
    const timestamps = [...`${out}${err}`.matchAll(/Timestamp: (\d+)/g)].map(([, timestamp]) => timestamp);
    await run(ROLLBACK, {
      timestamp: timestamps.at(-2) ?? assert.fail(`no deployment before: ${out}${err}`),
    });
  },

  proof: async ({ send, until, read, sqs, stack }, { before, meanwhile }) => {
    const afterwards = await send({ tenant: 'drills', subject: 'afterwards' }, NEIGHBOURS);
    await until([...meanwhile, ...afterwards], 'accepted');
    assert.ok((await read(before)).every(({ state }) => state === 'accepted'));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: stack.queues.arrivalsDeadLetter,
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    );
    assert.equal(Attributes?.ApproximateNumberOfMessages, '0');
  },
});
