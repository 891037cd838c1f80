// The template, held to what CloudFormation documents (cfn-lint) and to known weaknesses (checkov). Nothing
// is deployed for it. What is excused is excused by name, and says why.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Flaw, findMistakes, findWeaknesses, installLinters, packageTemplate } from './lint.ts';
import { functionReferences, type Resource } from './references.ts';

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
  CKV_AWS_115:
    'concurrency is bounded at the event source; a reserve for each function takes it from the account',
  CKV_AWS_116: 'functions behind queues have the queue’s dead letters; the rest answer their caller',
  CKV_AWS_117: 'nothing here is inside of a network',
  CKV_AWS_119: 'encrypted by a key of AWS’s',
  CKV_AWS_149: 'encrypted by a key of AWS’s',
  CKV_AWS_158: 'encrypted by a key of AWS’s; no line holds a secret',
  CKV_AWS_173: 'no variable of a function holds a secret',
};

function arn(service: string, rest: string): string {
  return `arn:aws:${service}:eu-central-1:123456789012:${rest}`;
}

const VARIANTS = {
  'as it is': { allowedOrigins: 'https://app.example.com' },
  'with all that it can be given': {
    allowedOrigins: 'https://app.example.com',
    jwtIssuer: 'https://issuer.example.com/',
    jwtAudience: 'app',
    alarmTopic: arn('sns', 'alarms'),
    deploymentConfig: 'Canary10Percent10Minutes',
    stackTags: 'team=uploads',
    auditRetentionInDays: '365',
    tracing: 'true',
    storeVersioning: 'true',
    peakUploadsPerSecond: '900',
    warmTables: 'true',
    verifyReservedConcurrency: '900',
    storeInventory: 'Daily',
    arrivalsPush: 'true',
    clamavImage: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/clamav@sha256:${'a'.repeat(64)}`,
    guardDuty: 'true',
    scannerFunction: arn('lambda', 'function:scanner'),
  },
  'with its buckets on another S3': {
    allowedOrigins: 'https://app.example.com',
    s3Endpoint: 'https://minio.example.com',
    s3KeysSecret: arn('secretsmanager', 'secret:keys-AbCdEf'),
    s3IncomingBucket: 'incoming',
    s3StoreBucket: 'store',
    s3QuarantineBucket: 'quarantine',
  },
} as const;

type Variant = keyof typeof VARIANTS;
const names = Object.keys(VARIANTS) as Variant[];
const found = new Map<
  Variant,
  {
    readonly resources: Readonly<Record<string, Resource>>;
    readonly mistakes: readonly Flaw[];
    readonly weaknesses: readonly Flaw[];
  }
>();

beforeAll(async () => {
  await installLinters();
  for (const name of names) {
    const template = await packageTemplate(name.replaceAll(' ', '-'), VARIANTS[name]);
    const [mistakes, weaknesses] = await Promise.all([findMistakes(template), findWeaknesses(template)]);
    const { Resources: resources } = JSON.parse(await readFile(template, 'utf8'));
    // A parameter that is empty is the branch of a condition that is not taken then.
    const meant = mistakes.filter(({ message }) => !message.startsWith("''"));
    found.set(name, { resources, mistakes: meant, weaknesses });
  }
});

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
function callsOf(name: Variant) {
  const { resources = {} } = found.get(name) ?? {};
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
  const { resources = {} } = found.get(name) ?? {};
  expect(Object.keys(resources).length).toBeLessThanOrEqual(500);
  expect(JSON.stringify(resources).length).toBeLessThan(1_000_000);
});

test('every excuse is still needed', () => {
  const flaws = [...found.values()].flatMap(({ mistakes, weaknesses }) => [...mistakes, ...weaknesses]);
  const rules = new Set(flaws.map(({ rule }) => rule));
  const excused = Object.keys({ ...EXCUSED_MISTAKES, ...EXCUSED_WEAKNESSES });
  expect(excused.filter((rule) => !rules.has(rule))).toEqual([]);
});
