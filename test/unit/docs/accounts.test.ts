import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

type Workflow = {
  readonly permissions: unknown;
  readonly jobs: {
    readonly deploy: {
      readonly environment: string;
      readonly permissions: unknown;
      readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
    };
  };
};

const page = readFileSync('docs/accounts-and-keys.md', 'utf8');
const text = readFileSync('docs/examples/deploy.yml', 'utf8');
const { permissions, jobs }: Workflow = parse(text, { strict: true, uniqueKeys: true });

test('the workflow that deploys has a token for its job alone, and an environment that protects the stage', () => {
  expect(permissions).toEqual({ contents: 'read' });
  expect(jobs.deploy.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  expect(jobs.deploy.environment).toMatch(/inputs\.stage/);
  expect(text).not.toMatch(/secrets\./);
});

test('its actions are those that this repository pins, but for the one of AWS’s', () => {
  const ci = readFileSync('.github/workflows/ci.yml', 'utf8');
  const used = jobs.deploy.steps.flatMap(({ uses = [] }) => uses);
  expect(used.filter((action) => !ci.includes(action))).toEqual(['aws-actions/configure-aws-credentials@v4']);
  expect(page).toContain(':environment:prod"');
});

test('every block of JSON on the page of accounts can be read', () => {
  const blocks = [...page.matchAll(/```json[^\n]*\n(.+?)```/gs)].map(([, block = '']) => block);
  expect(blocks.length).toBeGreaterThan(2);
  for (const block of blocks)
    expect(() => JSON.parse(block.startsWith('{') ? block : `{${block}}`)).not.toThrow();
});
