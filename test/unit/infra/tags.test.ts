import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const require = createRequire(import.meta.url);
const readTags = require('../../../infra/tags.cjs');
// What serverless sends with each change of the stack.
const {
  getSharedStackActionParams,
} = require('../../../node_modules/serverless/lib/plugins/aws/lib/get-shared-stack-action-params.js');

function setup(stackTags: string): Promise<{ readonly tags: Readonly<Record<string, string>> }> {
  const values: Readonly<Record<string, string>> = {
    'self:service': 'sluice',
    'sls:stage': 'prod',
    'param:stackTags': stackTags,
  };
  return readTags({ resolveVariable: async (name: string) => values[name] });
}

test('the stack has its service and its stage as tags, and what the stage names', async () => {
  expect(await setup('')).toEqual({ tags: { service: 'sluice', stage: 'prod' } });
  expect(await setup('team=uploads, cost centre=42,formula=a=b')).toEqual({
    tags: { team: 'uploads', 'cost centre': '42', formula: 'a=b', service: 'sluice', stage: 'prod' },
  });
});

test('serverless sends them with the stack, and no STAGE of its own beside stage', async () => {
  const { provider } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' });
  expect(provider.stackTags).toContain('file(infra/tags.cjs):tags');
  const { tags: stackTags } = await setup('team=uploads');
  const { Tags } = getSharedStackActionParams.call(
    {
      provider: {
        getStage: () => 'prod',
        getCustomDeploymentRole: () => undefined,
        naming: { getStackName: () => 'sluice-prod' },
      },
      serverless: { service: { provider: { stackTags } } },
    },
    { templateUrl: 'https://deployments.example.com/template.json' },
  );
  expect(Tags).toEqual([
    { Key: 'team', Value: 'uploads' },
    { Key: 'service', Value: 'sluice' },
    { Key: 'stage', Value: 'prod' },
  ]);
});

test.each(['team', '=uploads', 'team=up;loads', 'team=uploads,env', 'team=uploads,', ' '])(
  '%j lists no tags',
  (text) => {
    expect(readTags.wrongTags(text)).toMatch(/^lists tags such as/);
  },
);
