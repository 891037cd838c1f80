// The template, held to what CloudFormation documents (cfn-lint) and to known weaknesses (checkov). Nothing
// is deployed for it. What is excused is excused by name, and says why.
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { covers, missingActions, NOT_ASKED_FOR, OWN_CALLS, readDeployerPolicy } from './deployer-policy.ts';
import { type Flaw, findMistakes, findWeaknesses, installLinters, packageTemplate } from './lint.ts';
import { functionReferences } from './references.ts';
import { actionsOf, canHoldKey, hasType } from './schemas.ts';
import { findAll, resourcesOf, type Template } from './template.ts';
import { VARIANTS } from './variants.ts';

const { UNALIASED } = createRequire(import.meta.url)('../../infra/aliases.cjs');

/** Of cfn-lint's rules. */
const EXCUSED_MISTAKES: Readonly<Record<string, string>> = {
  W3005: 'serverless itself says twice what depends on what',
  W8003: 'parameters are filled in when the template is made, so that conditions compare constants',
  W1028: 'the same: what a constant never reaches is for other parameters',
  W1031: 'the same: an ARN with a parameter that is empty stands where that is not reached',
};

/** Of checkov's. */
const EXCUSED_WEAKNESSES: Readonly<Record<string, string>> = {
  CKV_AWS_18: 'access to files is for the audit trail to tell; S3 server access logs would be read by nobody',
  CKV_AWS_21: 'versions of the store are a parameter, and quarantine is not for keeping',
  CKV_AWS_27: 'queues are encrypted by SqsManagedSseEnabled, which this check does not know',
  CKV_AWS_95: 'decision 0019: no access log of the API',
  CKV_AWS_68: 'nothing is read there without an address that was signed',
  CKV_AWS_86: 'the audit trail says who got an address; an access log would hold the addresses',
  CKV_AWS_111: 'Lambda makes network interfaces by them, and the code of the function is denied them',
  CKV_AWS_115:
    'concurrency is bounded at the event source; a reserve for each function takes it from the account',
  CKV_AWS_116: 'functions behind queues have the queue’s dead letters; the rest answer their caller',
  CKV_AWS_117: 'inside of a network only where the account has one',
  CKV_AWS_119: 'encrypted by a key of AWS’s where the stage names none',
  CKV_AWS_149: 'encrypted by a key of AWS’s where the stage names none',
  CKV_AWS_158: 'the same; no line holds a secret',
  CKV_AWS_174: 'the certificate is CloudFront’s own, whose versions of TLS nobody can choose',
  CKV_AWS_173: 'the same; no variable holds a secret but the key of digests',
};

/** Types that could hold a key, and do not. */
const EXCUSED_FROM_KEY: Readonly<Record<string, string>> = {
  'AWS::Cognito::UserPool': 'a pool’s key would be for its users’ attributes, and is not tried yet',
  'AWS::Lambda::EventSourceMapping': 'the key would be for its filter, which is in this repository',
};

type Name = keyof typeof VARIANTS;
const names = Object.keys(VARIANTS) as Name[];
const found = new Map<
  Name,
  {
    readonly template: Template;
    readonly mistakes: readonly Flaw[];
    readonly weaknesses: readonly Flaw[];
  }
>();

beforeAll(async () => {
  await installLinters();
  for (const name of names) {
    const { region } = VARIANTS[name];
    const { file, template } = await packageTemplate(name.replaceAll(' ', '-'), VARIANTS[name]);
    const [mistakes, weaknesses] = await Promise.all([findMistakes(file, region), findWeaknesses(file)]);
    found.set(name, {
      template,
      // A parameter that is empty is the branch of a condition that is not taken then, and two that are empty
      // make conditions that cfn-lint cannot set to true.
      mistakes: mistakes.filter(({ message }) => !/^('')|^Exception "When setting condition/.test(message)),
      weaknesses,
    });
  }
}, 1_200_000);

function without(excused: Readonly<Record<string, string>>, flaws: readonly Flaw[] = []): readonly string[] {
  return flaws
    .filter(({ rule }) => !Object.hasOwn(excused, rule))
    .map(({ rule, resource, message }) => `${rule} ${resource}: ${message}`);
}

describe.each(names)('the template %s', (name) => {
  test('has no mistake that CloudFormation would refuse', () => {
    expect(without(EXCUSED_MISTAKES, found.get(name)?.mistakes)).toEqual([]);
  });

  test('has no weakness that is not excused by name', () => {
    expect(without(EXCUSED_WEAKNESSES, found.get(name)?.weaknesses)).toEqual([]);
  });
});

/** Whatever refers to a function in order to call it, or to let it be called. */
function callsOf(name: Name) {
  const resources = found.get(name)?.template.Resources ?? {};
  const looksOnly = /^AWS::(?:Lambda::(?:Version|Alias)|CloudWatch::Alarm|CloudWatch::Dashboard)$/;
  return {
    resources,
    ofType: (type: RegExp) => Object.keys(resources).filter((id) => type.test(resources[id]?.Type ?? '')),
    calls: functionReferences(resources).filter(({ type }) => !looksOnly.test(type)),
  };
}
const CALLERS = [
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::Events::Rule',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Permission',
];

describe('without deploymentConfig', () => {
  test('there is no version, no alias and nothing of CodeDeploy', () => {
    const { ofType } = callsOf('as it is');
    expect(ofType(/^AWS::(?:Lambda::(?:Version|Alias)$|CodeDeploy::)/)).toEqual([]);
  });

  test('everything calls the functions themselves', () => {
    const { calls } = callsOf('as it is');
    expect([...new Set(calls.map(({ type }) => type))].sort()).toEqual(CALLERS);
    expect(calls.filter(({ alias }) => alias !== undefined)).toEqual([]);
  });
});

describe('with a canary', () => {
  const NAME = 'with all that it can be given';

  test('everything calls the alias, and may call it', () => {
    const { calls } = callsOf(NAME);
    expect([...new Set(calls.map(({ type }) => type))].sort()).toEqual(CALLERS);
    expect(calls.filter(({ alias }) => alias !== 'live')).toEqual([]);
  });

  test('every function has an alias that CodeDeploy moves, but for those with a reason', () => {
    const { ofType } = callsOf(NAME);
    const without = Object.keys(UNALIASED).map(
      (name) => `${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`,
    );
    const functions = ofType(/^AWS::Lambda::Function$/).filter((id) => !without.includes(id));
    expect(ofType(/^AWS::Lambda::Alias$/).sort()).toEqual(functions.map((id) => `${id}LiveAlias`).sort());
    expect(ofType(/^AWS::CodeDeploy::DeploymentGroup$/).sort()).toEqual(
      functions.map((id) => `${id}DeploymentGroup`).sort(),
    );
    expect(ofType(/^AWS::Lambda::Version$/)).toHaveLength(functions.length);
  });
});

test.each(names)('the template %s keeps to what CloudFormation takes', (name) => {
  const resources = found.get(name)?.template.Resources ?? {};
  expect(Object.keys(resources).length).toBeLessThanOrEqual(500);
  expect(JSON.stringify(resources).length).toBeLessThan(1_000_000);
});

test('every excuse is still needed', () => {
  const flaws = [...found.values()].flatMap(({ mistakes, weaknesses }) => [...mistakes, ...weaknesses]);
  const rules = new Set(flaws.map(({ rule }) => rule));
  const excused = Object.keys({ ...EXCUSED_MISTAKES, ...EXCUSED_WEAKNESSES });
  expect(excused.filter((rule) => !rules.has(rule))).toEqual([]);
});

/** The template of a stage that names a key, a boundary, a path and a network. */
function whole(): Template {
  return found.get('with all that it can be given')?.template ?? expect.fail('it was not packaged');
}
const { kmsKey, permissionsBoundary, rolePath } = VARIANTS['with all that it can be given'].parameters;

test('every type that can hold a key holds the stage’s', () => {
  const { Resources } = whole();
  const without = Object.entries(Resources)
    .filter(([, { Type }]) => canHoldKey(Type) && !Object.hasOwn(EXCUSED_FROM_KEY, Type))
    .filter(([, { Properties }]) => !JSON.stringify(Properties).includes(kmsKey));
  expect(without.map(([name]) => name)).toEqual([]);
  const types = new Set(Object.values(Resources).map(({ Type }) => Type));
  expect(Object.keys(EXCUSED_FROM_KEY).filter((type) => !types.has(type))).toEqual([]);
});

test('every role has the boundary and the path', () => {
  const roles = resourcesOf(whole(), 'AWS::IAM::Role');
  expect(roles.length).toBeGreaterThan(40);
  for (const [name, { Properties }] of roles) {
    expect(Properties, name).toMatchObject({ PermissionsBoundary: permissionsBoundary, Path: rolePath });
  }
});

test('the policies of a role are not larger than IAM takes', () => {
  for (const [name, { Properties }] of resourcesOf(whole(), 'AWS::IAM::Role')) {
    // Both branches of each condition are counted, so that the sum is more than the truth.
    const documents = findAll(Properties?.Policies, 'PolicyDocument');
    const size = documents.reduce((sum: number, one) => sum + JSON.stringify(one).length, 0);
    expect(size, name).toBeLessThan(10_240);
  }
});

test('every function is in the network', () => {
  for (const [name, { Properties }] of resourcesOf(whole(), 'AWS::Lambda::Function')) {
    expect(findAll(Properties, 'SubnetIds'), name).toHaveLength(1);
  }
});

describe.each(['in GovCloud', 'in China'] as const)('the template %s', (name) => {
  const { region } = VARIANTS[name];

  test('names no type that its region lacks', () => {
    const types = Object.values(found.get(name)?.template.Resources ?? {}).map(({ Type }) => Type);
    expect(types.length).toBeGreaterThan(200);
    expect([...new Set(types)].filter((type) => !hasType(region, type))).toEqual([]);
  });

  test('names no ARN and no host of another partition', () => {
    const text = JSON.stringify(found.get(name)?.template);
    expect(text).not.toContain('arn:aws:');
    // Principals of services end so in every partition.
    const hosts = [...text.matchAll(/[^"\s]*amazonaws\.com[^"\s]*/g)].map(([host]) => host);
    expect(hosts.filter((host) => !/^[a-z0-9.-]+\.amazonaws\.com$/.test(host))).toEqual([]);
  });
});

describe('whoever deploys', () => {
  const policy = readDeployerPolicy();
  const typesOf = () => [
    ...new Set(
      [...found.values()].flatMap(({ template }) =>
        Object.values(template.Resources).map(({ Type }) => Type),
      ),
    ),
  ];

  test('may do what CloudFormation takes for each type of the templates', () => {
    expect(missingActions(policy, typesOf())).toEqual([]);
  });

  test('may do nothing that no type takes, but for serverless’s own calls', () => {
    const taken = typesOf().flatMap(actionsOf);
    const allowed = policy.Statement.flatMap(({ Action }) => Action);
    const idle = allowed.filter((pattern) => !taken.some((action) => covers(pattern, action)));
    expect(idle.filter((pattern) => !OWN_CALLS.test(pattern))).toEqual([]);
    expect(NOT_ASKED_FOR.filter(([actions]) => !taken.some((action) => actions.test(action)))).toEqual([]);
  });

  test('may pass the roles to the services that assume them, and to no other', () => {
    const services = resourcesOf(whole(), 'AWS::IAM::Role').flatMap(([, { Properties }]) =>
      findAll(Properties?.AssumeRolePolicyDocument, 'Service').flat(),
    );
    const condition = policy.Statement.find(({ Action }) => Action.includes('iam:PassRole'))?.Condition;
    expect(condition).toEqual({ StringEquals: { 'iam:PassedToService': [...new Set(services)].toSorted() } });
  });

  test('has a policy that fits into a role', () => {
    expect(JSON.stringify(policy).length).toBeLessThan(10_240);
  });
});
