import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

type Template = {
  Conditions: Record<string, unknown>;
  readonly Resources: Record<string, unknown>;
  readonly Outputs: Record<string, unknown>;
};

// A plugin of serverless is CommonJS, and has no types.
const Partition: { prune: (template: Template) => void } = createRequire(import.meta.url)(
  '../../../infra/partition.cjs',
);

const Conditions = {
  OwnPool: { 'Fn::Equals': ['https://issuer.example.com', ''] },
  OtherIssuer: { 'Fn::Not': [{ Condition: 'OwnPool' }] },
  Both: { 'Fn::And': [{ Condition: 'OwnPool' }, { Condition: 'Migrated' }] },
  Either: { 'Fn::Or': [{ Condition: 'OtherIssuer' }, { Condition: 'Migrated' }] },
  Migrated: { 'Fn::Equals': [{ Ref: 'LedgerMigration' }, '7'] },
  NotMigrated: { 'Fn::Not': [{ Condition: 'Migrated' }] },
};

function pruned(resources: Record<string, unknown>, outputs: Record<string, unknown> = {}) {
  const template = { Conditions, Resources: resources, Outputs: outputs };
  Partition.prune(template);
  return template;
}

test.each(['OwnPool', 'Both'])('what stands under %s, which is false, goes with its outputs', (Condition) => {
  const { Resources, Outputs } = pruned({ Pool: { Condition } }, { PoolId: { Condition } });
  expect([Resources, Outputs]).toEqual([{}, {}]);
});

test.each(['OtherIssuer', 'Either'])('what stands under %s, which is true, stays without it', (Condition) => {
  expect(pruned({ Rule: { Condition, Properties: {} } }).Resources).toEqual({ Rule: { Properties: {} } });
});

test.each(['Migrated', 'NotMigrated'])('what stands under %s, which a parameter decides, stays', (name) => {
  const resources = { Table: { Condition: name, Properties: { Index: { 'Fn::If': [name, 'new', 'old'] } } } };
  expect(pruned(structuredClone(resources)).Resources).toEqual(resources);
});

test('of a value only the branch that is taken stays, and nothing in place of no value', () => {
  const nothing = { Ref: 'AWS::NoValue' };
  const { Resources } = pruned({
    Function: {
      Properties: {
        Pool: { 'Fn::If': ['OwnPool', { Ref: 'UserPool' }, ''] },
        Key: { 'Fn::If': ['OwnPool', { Ref: 'Key' }, nothing] },
        Rights: [{ 'Fn::If': ['OwnPool', 'read', nothing] }, { 'Fn::If': ['OtherIssuer', 'write', nothing] }],
      },
    },
  });
  expect(Resources).toEqual({ Function: { Properties: { Pool: '', Rights: ['write'] } } });
});

test('of the conditions those stay that something still names', () => {
  const { Migrated, NotMigrated } = Conditions;
  const Always = { 'Fn::Equals': ['a', 'a'] };
  const Building = { 'Fn::And': [{ Condition: 'Always' }, { Condition: 'Migrated' }] };
  const template: Template = {
    Conditions: { ...Conditions, Always, Building },
    Resources: { Old: { Condition: 'NotMigrated' }, New: { Condition: 'Building', Sid: 'OwnPool' } },
    Outputs: {},
  };
  Partition.prune(template);
  expect(template.Conditions).toEqual({ Migrated, NotMigrated, Always, Building });
});
