import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

type Resource = { readonly Type: string; readonly Properties: Record<string, unknown> };
type Template = { readonly Resources: Record<string, Resource> };
type Account = Readonly<Record<string, string>>;

// Plugins of serverless are CommonJS, and have no types.
const load = createRequire(import.meta.url);
const Boundary: { apply: (template: Template, account: Account) => void } = load(
  '../../../infra/boundary.cjs',
);
const Network: {
  apply: (template: Template, account: Account, nameOf: (name: string) => string) => void;
} = load('../../../infra/network.cjs');

const BOUNDARY = 'arn:aws:iam::123456789012:policy/boundary';

function setup(): Template {
  const role = (name: string): Resource => ({
    Type: 'AWS::IAM::Role',
    Properties: { Policies: [{ PolicyName: name }] },
  });
  const runs = (name: string, by: string): Resource => ({
    Type: 'AWS::Lambda::Function',
    Properties: { FunctionName: `sluice-prod-${name}`, Role: { 'Fn::GetAtt': [by, 'Arn'] } },
  });
  return {
    Resources: {
      SignRole: role('sign'),
      HealthRole: role('health'),
      StreamRole: role('stream'),
      TracePolicy: { Type: 'AWS::IAM::ManagedPolicy', Properties: {} },
      Sign: runs('sign', 'SignRole'),
      Health: runs('health', 'HealthRole'),
    },
  };
}

test('every role has the boundary and the path, and a policy of its own the path', () => {
  const template = setup();
  Boundary.apply(template, { permissionsBoundary: BOUNDARY, rolePath: '/teams/files/' });
  const { SignRole, StreamRole, TracePolicy } = template.Resources;
  for (const role of [SignRole, StreamRole]) {
    expect(role?.Properties).toMatchObject({ PermissionsBoundary: BOUNDARY, Path: '/teams/files/' });
  }
  expect(TracePolicy?.Properties).toEqual({ Path: '/teams/files/' });
});

test('without them roles stay as they are', () => {
  const template = setup();
  Boundary.apply(template, { permissionsBoundary: '', rolePath: '' });
  expect(template).toEqual(setup());
});

const NETWORK = { vpcSubnets: 'subnet-1, subnet-2', vpcSecurityGroups: 'sg-1' };
function nameOf(name: string): string {
  return `sluice-prod-${name}`;
}

test('functions run in the subnets, and Lambda may make their interfaces, but their code may not', () => {
  const template = setup();
  Network.apply(template, { ...NETWORK, vpcFunctions: '' }, nameOf);
  const { Sign, Health, SignRole, StreamRole } = template.Resources;
  const VpcConfig = { SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] };
  expect([Sign?.Properties.VpcConfig, Health?.Properties.VpcConfig]).toEqual([VpcConfig, VpcConfig]);
  const rights = expect.arrayContaining(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface']);
  const byItsCode = {
    'lambda:SourceFunctionArn': { 'Fn::Sub': expect.stringMatching(/:sluice-prod-sign$/) },
  };
  expect(SignRole?.Properties.Policies).toMatchObject([
    { PolicyName: 'sign' },
    {
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: rights },
          { Effect: 'Deny', Action: rights, Condition: { ArnEquals: byItsCode } },
        ],
      },
    },
  ]);
  expect(StreamRole?.Properties.Policies).toHaveLength(1);
});

test('functions that are not named stay outside', () => {
  const template = setup();
  Network.apply(template, { ...NETWORK, vpcFunctions: 'health' }, nameOf);
  const { Sign, Health, SignRole } = template.Resources;
  expect(Sign?.Properties.VpcConfig).toBeUndefined();
  expect(SignRole?.Properties.Policies).toHaveLength(1);
  expect(Health?.Properties.VpcConfig).toBeDefined();
});

// A version of a function is made of a digest: computed before the key and the network are there, it would
// not change with them. The boundary is for the roles that aliases bring, too.
test('aliases come after what changes functions, and before what is for every role', () => {
  const { plugins } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' });
  expect(plugins.slice(-5)).toEqual([
    './infra/partition.cjs',
    './infra/customer-key.cjs',
    './infra/network.cjs',
    './infra/aliases.cjs',
    './infra/boundary.cjs',
  ]);
});
