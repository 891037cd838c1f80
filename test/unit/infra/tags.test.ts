import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

const readTags = createRequire(import.meta.url)('../../../infra/tags.cjs');

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

test.each(['team', '=uploads', 'team=up;loads', 'team=uploads,env', 'team=uploads,', ' '])(
  '%s lists no tags',
  (text) => {
    expect(readTags.wrongTags(text)).toMatch(/^lists tags such as/);
  },
);
