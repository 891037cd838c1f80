import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type Properties = Record<string, unknown>;
type Resource = {
  readonly Type: string;
  readonly Condition?: string;
  DependsOn?: unknown;
  readonly UpdatePolicy?: unknown;
  readonly Properties: Properties;
};
type Template = { readonly Resources: Record<string, Resource>; readonly Conditions: Properties };
type Target = { targetAlias?: { readonly name: string; readonly logicalId: string } };
type Hooks = Readonly<Record<string, () => void>>;

// A plugin of serverless is CommonJS, and has no types.
const Aliases = createRequire(import.meta.url)('../../../infra/aliases.cjs');
function yaml(path: string) {
  return parse(readFileSync(path, 'utf8'), { logLevel: 'silent', merge: true, maxAliasCount: -1 });
}

/** The alarms of infra/, as the template has them. CloudFormation's own tags mean nothing here. */
const ALARMS: Record<string, Resource> = Object.fromEntries(
  readdirSync('infra')
    .filter((file) => file.endsWith('.yml'))
    .flatMap((file) => Object.entries<Resource>(yaml(join('infra', file)).Resources ?? {}))
    .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm'),
);

/** What `Fn::Sub` fills in. */
function fill(name: string) {
  return `\${${name}}`;
}

function functionResource(name: string, changes: Properties = {}): Properties {
  return {
    FunctionName: `sluice-prod-${name}`,
    Code: { S3Bucket: { Ref: 'Deployments' }, S3Key: `1/${name}.zip` },
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Tags: [{ Key: 'stage', Value: 'prod' }],
    Environment: {
      Variables: {
        TABLE: { Ref: 'Table' },
        ORIGIN: { 'Fn::If': ['ByCloudFront', { 'Fn::Sub': `https://${fill('Files.DomainName')}` }, ''] },
      },
    },
    ...changes,
  };
}

type Given = {
  readonly deploymentConfig?: string;
  readonly code?: string;
  readonly properties?: Properties;
  readonly conditions?: Properties;
  readonly table?: Properties;
  readonly files?: Properties;
  readonly role?: Properties;
  readonly other?: Properties;
};

/** What packaging makes of two functions and what they refer to, with changes. */
function setup(given: Given = {}) {
  const { deploymentConfig = 'AllAtOnce', code = 'code' } = given;
  const artifact = join(mkdtempSync(join(tmpdir(), 'sluice-aliases-')), 'verify.zip');
  writeFileSync(artifact, code);
  const names = ['verify', 'administer'];
  const functions: Record<string, Target & object> = Object.fromEntries(
    names.map((name) => [name, { package: { artifact } }]),
  );
  const template: Template = {
    Conditions: given.conditions ?? { ByCloudFront: { 'Fn::Equals': ['false', 'true'] } },
    Resources: {
      ...ALARMS,
      Verify: {
        Type: 'AWS::Lambda::Function',
        Condition: 'Wanted',
        Properties: functionResource('verify', given.properties),
      },
      Administer: { Type: 'AWS::Lambda::Function', Properties: functionResource('administer') },
      VerifyPermission: { Type: 'AWS::Lambda::Permission', DependsOn: 'VerifyLiveAlias', Properties: {} },
      VerifyIntegration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        DependsOn: 'VerifyLiveAlias',
        Properties: {},
      },
      Table: { Type: 'AWS::DynamoDB::Table', Properties: given.table ?? {} },
      Files: { Type: 'AWS::CloudFront::Distribution', Properties: given.files ?? {} },
      Role: { Type: 'AWS::IAM::Role', Properties: given.role ?? {} },
      Other: { Type: 'AWS::SQS::Queue', Properties: given.other ?? {} },
    },
  };
  const before = JSON.stringify([template, functions]);
  const provider = { versionFunctions: false, compiledCloudFormationTemplate: template };
  const { hooks }: { hooks: Hooks } = new Aliases({
    service: {
      custom: { deploymentConfig },
      provider,
      getAllFunctions: () => names,
      getFunction: (name: string) => functions[name],
    },
    getProvider: () => ({
      naming: {
        getStackName: () => 'sluice-prod',
        getLambdaLogicalId: (name: string) => name.replace(/^./, (first) => first.toUpperCase()),
      },
    }),
  });
  hooks['before:package:compileFunctions']?.();
  hooks['after:aws:package:finalize:mergeCustomProviderResources']?.();
  const { Resources } = template;
  return {
    Resources,
    functions,
    provider,
    isUntouched: JSON.stringify([template, functions]) === before,
    version: Object.keys(Resources).find((id) => Resources[id]?.Type === 'AWS::Lambda::Version') ?? '',
    description: Resources.Verify?.Properties.Description,
  };
}

function propertiesOf<T>(resources: Record<string, Resource>, id: string): T {
  return (resources[id] ?? expect.fail(`no ${id}`)).Properties as T;
}

test('without deploymentConfig nothing is added, and events reach the functions themselves', () => {
  expect(setup({ deploymentConfig: '' }).isUntouched).toBe(true);
  expect(setup({ deploymentConfig: 'AllAtOnce' }).isUntouched).toBe(false);
});

describe('AllAtOnce', () => {
  test('gives each function an alias that stands at a version of it, under the condition of the function', () => {
    const { Resources, functions, version } = setup();
    expect(functions.verify?.targetAlias).toEqual({ name: 'live', logicalId: 'VerifyLiveAlias' });
    expect(Resources[version]).toEqual({
      Type: 'AWS::Lambda::Version',
      Condition: 'Wanted',
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { FunctionName: { Ref: 'Verify' } },
    });
    expect(Resources.VerifyLiveAlias).toEqual({
      Type: 'AWS::Lambda::Alias',
      Condition: 'Wanted',
      Properties: {
        FunctionName: { Ref: 'Verify' },
        FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] },
        Name: 'live',
      },
    });
  });

  test('leaves out what has a reason to be left out, and nothing else', () => {
    const { Resources, functions } = setup();
    expect(functions.administer?.targetAlias).toBeUndefined();
    expect(Resources.Administer?.Properties.Description).toBeUndefined();
    const { functions: all } = yaml('serverless.yml');
    expect(Object.keys(Aliases.UNALIASED).filter((name) => !Object.hasOwn(all, name))).toEqual([]);
  });

  test('has API Gateway wait until it may call the alias', () => {
    expect(setup().Resources.VerifyIntegration?.DependsOn).toEqual(['VerifyLiveAlias', 'VerifyPermission']);
  });

  test('needs nothing of CodeDeploy', () => {
    const { Resources } = setup();
    expect(Object.values(Resources).filter(({ Type }) => Type.startsWith('AWS::CodeDeploy'))).toEqual([]);
    expect(Object.keys(Resources).filter((id) => id.startsWith('Deployment'))).toEqual([]);
  });
});

describe('a version', () => {
  const variables = { Environment: { Variables: { TABLE: { Ref: 'Table' }, LOG_LEVEL: 'DEBUG' } } };
  test.each<readonly [string, Given]>([
    ['the code', { code: 'other code' }],
    ['a variable', { properties: variables }],
    ['the memory', { properties: { MemorySize: 1024 } }],
    ['the condition of a variable', { conditions: { ByCloudFront: { 'Fn::Equals': ['true', 'true'] } } }],
    ['a table that a variable names', { table: { KeySchema: [] } }],
    ['a domain that a variable names', { files: { Enabled: true } }],
    ['the image', { properties: { Code: { ImageUri: 'clamav@sha256:1' } } }],
  ])('is another when %s changes, and the function changes with it', (_, given) => {
    const [before, after] = [setup(), setup(given)];
    expect(after.version).not.toBe(before.version);
    // Lambda would publish nothing otherwise, and CloudFormation fail.
    expect(after.description).not.toBe(before.description);
  });

  test.each<readonly [string, Given]>([
    ['the place of the code in S3', { properties: { Code: { S3Bucket: 'b', S3Key: '2/verify.zip' } } }],
    ['a tag', { properties: { Tags: [] } }],
    ['reserved concurrency', { properties: { ReservedConcurrentExecutions: 20 } }],
    ['what the role allows', { role: { Policies: [] } }],
    ['something that the function does not refer to', { other: { VisibilityTimeout: 30 } }],
  ])('is the same when %s changes: nothing of it is frozen', (_, given) => {
    expect(setup(given).version).toBe(setup().version);
  });

  test('of an image is another when its digest is', () => {
    const of = (ImageUri: string) => setup({ properties: { Code: { ImageUri } }, code: 'any' }).version;
    expect(of('clamav@sha256:1')).not.toBe(of('clamav@sha256:2'));
  });

  test('is one of few that are kept', () => {
    expect(setup().provider).toMatchObject({ versionFunctions: true, pruneFunctionVersions: { number: 3 } });
    const without = setup({ deploymentConfig: '' }).provider;
    expect(without.versionFunctions).toBe(false);
    expect(without).not.toHaveProperty('pruneFunctionVersions');
  });
});

describe('a canary', () => {
  const canary = () => setup({ deploymentConfig: 'Canary10Percent10Minutes' });

  test('leaves each alias to CodeDeploy, in a group of its own', () => {
    const { Resources } = canary();
    expect(Resources.VerifyLiveAlias?.UpdatePolicy).toEqual({
      CodeDeployLambdaAliasUpdate: {
        ApplicationName: { Ref: 'DeploymentApplication' },
        DeploymentGroupName: { Ref: 'VerifyDeploymentGroup' },
      },
    });
    expect(Resources.VerifyDeploymentGroup).toMatchObject({
      Condition: 'Wanted',
      Properties: { DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent10Minutes' },
    });
  });

  test('is taken back by alarms that the template has, ten at most', () => {
    const { Resources } = canary();
    const { AlarmConfiguration } = propertiesOf<{
      AlarmConfiguration: { Alarms: readonly { Name: { Ref: string } }[] };
    }>(Resources, 'VerifyDeploymentGroup');
    const ids = AlarmConfiguration.Alarms.map(({ Name }) => Name.Ref);
    expect(ids.length).toBeLessThanOrEqual(10);
    expect(ids.map((id) => Resources[id]?.Type)).toEqual(ids.map(() => 'AWS::CloudWatch::Alarm'));
  });

  test('has signals that look at every minute, each at ten metrics at most, and notify nobody', () => {
    const { Resources } = canary();
    const signals = Object.entries(Resources).filter(([id]) => /^Deployment\w+Signal$/.test(id));
    expect(signals).toHaveLength(4);
    for (const [id, { Properties }] of signals) {
      const queries = Properties.Metrics as readonly { MetricStat?: { Period: number } }[];
      const metrics = queries.flatMap(({ MetricStat }) => MetricStat ?? []);
      expect(
        metrics.map(({ Period }) => Period),
        id,
      ).toEqual(metrics.map(() => 60));
      expect(metrics.length, id).toBeGreaterThan(0);
      expect(metrics.length, id).toBeLessThanOrEqual(10);
      expect(Properties, id).not.toHaveProperty('AlarmActions');
    }
  });

  test('looks at metrics that operating.md knows', () => {
    const { Metrics } = propertiesOf<{
      Metrics: readonly { MetricStat?: { Metric: { MetricName: string } } }[];
    }>(canary().Resources, 'DeploymentFailuresSignal');
    const names = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.MetricName ?? []);
    const page = readFileSync('docs/operating.md', 'utf8');
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  test('leaves the alarms that it takes after as they are', () => {
    const { ApiFaultsAlarm } = canary().Resources;
    expect(JSON.stringify(ApiFaultsAlarm)).toBe(JSON.stringify(ALARMS.ApiFaultsAlarm));
    expect(JSON.stringify(ApiFaultsAlarm)).toContain('"Period":300');
  });

  test('lets CodeDeploy move aliases of this stack and read alarms, and do nothing else', () => {
    const { Policies, AssumeRolePolicyDocument } = propertiesOf<{
      Policies: readonly { PolicyDocument: { Statement: unknown } }[];
      AssumeRolePolicyDocument: unknown;
    }>(canary().Resources, 'DeploymentRole');
    expect(Policies.map(({ PolicyDocument }) => PolicyDocument.Statement)).toEqual([
      [
        {
          Effect: 'Allow',
          Action: ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'],
          Resource: {
            'Fn::Sub': `arn:${fill('AWS::Partition')}:lambda:${fill('AWS::Region')}:${fill('AWS::AccountId')}:function:sluice-prod-*`,
          },
        },
        { Effect: 'Allow', Action: 'cloudwatch:DescribeAlarms', Resource: '*' },
      ],
    ]);
    expect(JSON.stringify(AssumeRolePolicyDocument)).toContain(
      '"aws:SourceAccount":{"Ref":"AWS::AccountId"}',
    );
  });
});
