import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type Values = Readonly<Record<string, string>>;
type Configuration = {
  params: Record<string, Values>;
  functions: Readonly<Record<string, unknown>>;
  provider: { stage: string };
};
type Serverless = {
  readonly serviceDir: string;
  readonly configurationInput: Configuration;
  readonly classes: { readonly Error: typeof Error };
  readonly extendConfiguration: (path: readonly [string, string], value: Values) => void;
};
type Hooks = Readonly<Record<string, () => void | Promise<void>>>;
type Plugin = new (
  serverless: Serverless,
  options: { stage?: string; param?: readonly string[] },
) => { hooks: Hooks };

// A plugin of serverless is CommonJS, and has no types.
const Stage: Plugin = createRequire(import.meta.url)('../../../infra/stage.cjs');

const { params, functions } = parse(readFileSync('serverless.yml', 'utf8'), {
  logLevel: 'silent',
  merge: true,
}) as {
  params: { default: Values };
  functions: Readonly<Record<string, unknown>>;
};

/** serverless with this project's own parameters, in a folder that holds one stage's file, or none. */
function setup(stage: string, file?: string, param: readonly string[] = []) {
  const serviceDir = mkdtempSync(join(tmpdir(), 'sluice-stage-'));
  mkdirSync(join(serviceDir, 'stages'));
  if (file !== undefined) writeFileSync(join(serviceDir, 'stages', `${stage}.yml`), file);
  const configurationInput: Configuration = {
    params: { default: params.default },
    functions,
    provider: { stage: 'dev' },
  };
  const plugin = new Stage(
    {
      serviceDir,
      configurationInput,
      classes: { Error },
      extendConfiguration: ([, name], value) => {
        configurationInput.params[name] = value;
      },
    },
    { stage, param },
  );
  const run = (hook: string) => () => plugin.hooks[hook]?.();
  return {
    package: run('before:package:cleanup'),
    packagePolicies: async () => plugin.hooks['before:package:initialize']?.(),
    deploy: run('before:deploy:deploy'),
    configurationInput,
    plugin,
  };
}

const named = 'allowedOrigins: https://app.example.com\n';
const IMAGE = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/clamav@sha256:${'a'.repeat(64)}`;
const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:scanner';

const elsewhere = {
  s3Endpoint: 'https://minio.example.com:9000',
  s3KeysSecret: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:minio-AbCdEf',
  s3IncomingBucket: 'incoming',
  s3StoreBucket: 'store',
  s3QuarantineBucket: 'quarantine',
};
/** A stage whose buckets are on another S3, with changes. */
function onAnotherS3(changes: Partial<Record<string, string>> = {}): string {
  const lines = Object.entries({ ...elsewhere, ...changes }).map(([name, value]) => `${name}: ${value}`);
  return `${named}${lines.join('\n')}`;
}

describe('a stage other than the local one', () => {
  test('is packaged with a file that names its origins', () => {
    expect(setup('prod', named).package).not.toThrow();
  });

  test.each([
    'deploymentConfig:',
    'deploymentConfig: AllAtOnce',
    'deploymentConfig: Canary10Percent30Minutes',
    'deploymentConfig: Linear10PercentEvery1Minute',
    'stackTags: team=uploads,cost centre=42',
  ])('is packaged with %s', (line) => {
    expect(setup('prod', `${named}${line}\n`).package).not.toThrow();
  });

  test('takes every parameter from its file, as text, and the others from serverless.yml', () => {
    const { configurationInput } = setup(
      'prod',
      `${named}logRetentionInDays: 90\nstoreVersioning: true\njwtAudience:\n`,
    );
    expect(configurationInput.params.prod).toEqual({
      allowedOrigins: 'https://app.example.com',
      logRetentionInDays: '90',
      storeVersioning: 'true',
      jwtAudience: '',
    });
  });

  test('is not packaged without its file, and the message says how to make it', () => {
    expect(setup('prod').package).toThrow(
      /There is no stages\/prod\.yml\. Copy stages\/prod\.example\.yml and fill it in/,
    );
  });

  test('is not packaged with a parameter of the command line, which the next deployment would forget', () => {
    expect(setup('prod', named, ['jwtIssuer=https://login.example.com/', 'jwtAudience=a']).package).toThrow(
      /would forget jwtIssuer, jwtAudience\. Write it into stages\/prod\.yml/,
    );
  });

  test('is packaged with buckets on another S3, which has its keys in a secret', () => {
    expect(setup('prod', onAnotherS3()).package).not.toThrow();
    const behind = {
      s3PublicEndpoint: 'https://files.example.com',
      s3Region: 'auto',
      s3AddressingStyle: 'virtual',
    };
    expect(setup('prod', onAnotherS3(behind)).package).not.toThrow();
  });

  test.each([
    [
      'an address by plain HTTP',
      { s3Endpoint: 'http://minio:9000' },
      /s3Endpoint is an address such as https/,
    ],
    [
      'a slash at the end',
      { s3Endpoint: 'https://minio.example.com/' },
      /s3Endpoint .* without a slash at its end/,
    ],
    [
      'a key in the address',
      { s3PublicEndpoint: 'https://a:b@minio' },
      /s3PublicEndpoint is an address such as/,
    ],
    ['no secret', { s3KeysSecret: '' }, /s3KeysSecret is the ARN of the secret/],
    ['a key in place of the secret', { s3KeysSecret: 'minioadmin' }, /s3KeysSecret is the ARN of the secret/],
    ['no bucket', { s3StoreBucket: '' }, /s3StoreBucket names a bucket that is there already/],
    ['one bucket for two', { s3StoreBucket: 'incoming' }, /s3StoreBucket is a bucket of its own/],
    [
      'a style that is none',
      { s3AddressingStyle: 'host' },
      /s3AddressingStyle is one of auto, path, virtual/,
    ],
    ['a region that is none', { s3Region: 'EU West' }, /s3Region is the name of a region/],
    ['no endpoint', { s3Endpoint: '' }, /s3KeysSecret is set without s3Endpoint/],
  ])('is not packaged with another S3 and %s', (_case, changes, complaint) => {
    expect(setup('prod', onAnotherS3(changes)).package).toThrow(complaint);
  });

  const before = {
    cloudFront: 'true',
    cloudFrontKeyGroup: 'b7a1f5d2-3c4e-4f60-8a91-2b3c4d5e6f70',
    cloudFrontKeySecret: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:files-AbCdEf',
  };
  const withCloudFront = (changes: Partial<Record<string, string>> = {}) =>
    `${named}${Object.entries({ ...before, ...changes })
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n')}`;

  test('is packaged with CloudFront before its store', () => {
    expect(setup('prod', withCloudFront()).package).not.toThrow();
  });

  test.each([
    ['no key group', { cloudFrontKeyGroup: '' }, /cloudFrontKeyGroup is the id of a key group/],
    ['no secret', { cloudFrontKeySecret: '' }, /cloudFrontKeySecret is the ARN of the secret/],
    ['a key in place of the secret', { cloudFrontKeySecret: 'MIIEvQ' }, /cloudFrontKeySecret is the ARN/],
    ['a switch that is none', { cloudFront: 'yes' }, /cloudFront is true or false/],
    ['a switch that is off', { cloudFront: 'false' }, /cloudFrontKeyGroup is set without cloudFront/],
    ['buckets on another S3', elsewhere, /cloudFront is for buckets in AWS/],
  ])('is not packaged with CloudFront and %s', (_case, changes, complaint) => {
    expect(setup('prod', withCloudFront(changes)).package).toThrow(complaint);
  });

  test.each([
    ['every origin', "allowedOrigins: '*'", /allowedOrigins has to name the origins/],
    ['no origin', 'logLevel: INFO', /allowedOrigins has to name the origins/],
    [
      'an origin with a path',
      'allowedOrigins: https://a.example.com, https://b.example.com/',
      /"https:\/\/b\.example\.com\/" is none/,
    ],
    ['an origin that is none', 'allowedOrigins: app.example.com', /"app\.example\.com" is none/],
    [
      'an issuer without an audience',
      `${named}jwtIssuer: https://login.example.com/`,
      /jwtAudience is needed with jwtIssuer/,
    ],
    [
      'an audience of services without an issuer',
      `${named}serviceAudience: backends`,
      /serviceAudience is set without jwtIssuer/,
    ],
    [
      'one audience for users and services',
      `${named}jwtIssuer: https://login.example.com/\njwtAudience: a\nserviceAudience: a`,
      /serviceAudience is the same as jwtAudience/,
    ],
    ['an audience without an issuer', `${named}jwtAudience: sluice`, /jwtAudience is set without jwtIssuer/],
    [
      'an issuer by plain HTTP',
      `${named}jwtIssuer: http://login.example.com\njwtAudience: a`,
      /jwtIssuer is the https/,
    ],
    [
      'a shift that CodeDeploy does not know',
      `${named}deploymentConfig: Canary20Percent5Minutes`,
      /deploymentConfig is empty, or one of AllAtOnce, Canary10Percent5Minutes, .*Linear10PercentEvery1Minute, /,
    ],
    ['a tag without a value', `${named}stackTags: team`, /stackTags lists tags such as team=uploads/],
    ['a tag that is taken', `${named}stackTags: team=a,Stage=b`, /stackTags names Stage, which is taken/],
    ['a tag of AWS’s own', `${named}stackTags: aws:team=a`, /stackTags names aws:team, which is taken/],
    [
      'more tags than a resource takes',
      `${named}stackTags: ${Array.from({ length: 41 }, (_, at) => `t${at}=a`).join(',')}`,
      /stackTags lists 40 tags at most/,
    ],
    [
      'users to be counted',
      `${named}usageCounted: user`,
      /usageCounted is owner, tenant, owner,tenant or empty/,
    ],
    ['a quota of a half', `${named}ownerQuotaBytes: 1.5`, /ownerQuotaBytes is empty, or a whole number/],
    [
      'a quota with a unit',
      `${named}tenantQuotaBytes: 10 GiB`,
      /tenantQuotaBytes is empty, or a whole number/,
    ],
    ['more files than there are', `${named}tenantQuotaFiles: 2000000000`, /tenantQuotaFiles is empty, or/],
    ['less than no file', `${named}ownerQuotaFiles: -1`, /ownerQuotaFiles is empty, or a whole number/],
    ['a limit that is a word', `${named}ownerUnfinishedUploads: many`, /ownerUnfinishedUploads is empty, or/],
    [
      'more requests of one owner than one row can count',
      `${named}ownerRequestsPerMinute: 30001`,
      /ownerRequestsPerMinute is empty, or a whole number up to 30000/,
    ],
    [
      'a webhook without TLS',
      `${named}webhookUrl: http://hooks.example.com/`,
      /webhookUrl is an address that begins with https:\/\//,
    ],
    [
      'a webhook with a password',
      `${named}webhookUrl: https://user:pass@hooks.example.com/`,
      /webhookUrl is an address .* without a name, a password/,
    ],
    ['a webhook that is none', `${named}webhookUrl: hooks.example.com`, /webhookUrl is an address/],
    [
      'webhooks that go to inner addresses',
      `${named}webhookReach: anywhere`,
      /webhookReach can be anywhere on the local stack only/,
    ],
    ['a reach that is none', `${named}webhookReach: inner`, /webhookReach is public or anywhere/],
    [
      'webhooks that are tried faster than their schedule',
      `${named}webhookRetrySpeed: 2`,
      /webhookRetrySpeed can be more than 1 on the local stack only/,
    ],
    ['too few webhooks at once', `${named}maxWebhookConcurrency: 1`, /maxWebhookConcurrency/],
    [
      'policies in what is no TypeScript',
      `${named}policies: policies.json`,
      /policies names a file of TypeScript, not "policies\.json"/,
    ],
    [
      'a tenant that users write themselves',
      `${named}tenantClaim: locale`,
      /tenantClaim is what users of the stack’s own pool/,
    ],
    ['buckets without TLS', `${named}tlsOnly: false`, /tlsOnly can be false on the local stack only/],
    [
      'a step of the migration that is none',
      `${named}ledgerMigration: 8`,
      /ledgerMigration is a step of the migration, from 0 to 7/,
    ],
    [
      'a flag that CloudFormation would take for false',
      `${named}tableDeletionProtection: True!`,
      /tableDeletionProtection is true or false/,
    ],
    [
      'less concurrency kept for verification than it may take',
      `${named}verifyReservedConcurrency: 19`,
      /verifyReservedConcurrency is empty, or a whole number not below 20,/,
    ],
    [
      'the concurrency of before, which follows from the target now',
      `${named}maxVerifyConcurrency: 40`,
      /maxVerifyConcurrency follows from peakUploadsPerSecond now\. "peakUploadsPerSecond: 40" in its place/,
    ],
    [
      'more uploads a second than one queue is worked off for',
      `${named}peakUploadsPerSecond: 1001`,
      /peakUploadsPerSecond asks for 1001 batches at once.*Lambda works on 1000 of a queue at most/,
    ],
    ['no uploads at all', `${named}peakUploadsPerSecond: 0`, /peakUploadsPerSecond is a whole number from 1/],
    [
      'a duration that is none, beside a target',
      `${named}peakUploadsPerSecond: 5000\nverifySeconds: half`,
      /verifySeconds is a number of seconds such as 0\.5/,
    ],
    ['a duration of nothing', `${named}verifySeconds: 0`, /verifySeconds is a number of seconds/],
    ['a route that takes nothing', `${named}routeRateLimit: 0`, /routeRateLimit is a whole number from 1/],
    [
      'a number that is none',
      `${named}rejectedRetentionInDays: a month`,
      /rejectedRetentionInDays is a whole number/,
    ],
    ['an unknown level', `${named}logLevel: info`, /logLevel is one of DEBUG, INFO, WARN, ERROR/],
    [
      'an address that ends in a slash',
      `${named}apiUrl: https://u.example.com/`,
      /apiUrl has no slash at its end/,
    ],
    ['an address by plain HTTP', `${named}apiUrl: http://u.example.com`, /apiUrl begins with https/],
    [
      'an image of ClamAV by a tag, which may move',
      `${named}clamavImage: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/clamav:latest`,
      /clamavImage is an image in ECR by its digest/,
    ],
    [
      'two ways to ClamAV',
      `${named}clamavImage: ${IMAGE}\nclamdAddress: 10.0.0.7:3310`,
      /clamdAddress is set beside clamavImage/,
    ],
    ['a clamd without a port', `${named}clamdAddress: clamd`, /clamdAddress is the host and port of a clamd/],
    ['a GuardDuty that is neither', `${named}guardDuty: on`, /guardDuty is true or false/],
    [
      'an inventory that is never made',
      `${named}storeInventory: hourly`,
      /storeInventory is Daily, Weekly or empty/,
    ],
    [
      'an inventory of buckets that are not in AWS',
      `${onAnotherS3()}\nstoreInventory: Daily`,
      /storeInventory is for buckets in AWS/,
    ],
    [
      'GuardDuty before buckets that are not in AWS',
      `${onAnotherS3()}\nguardDuty: true`,
      /guardDuty is for buckets in AWS/,
    ],
    [
      'a stand-in for GuardDuty',
      `${named}guardDuty: true\nguardDutyEndpoint: http://127.0.0.1:9`,
      /guardDutyEndpoint can be set on the local stack only/,
    ],
    [
      'scanners that are asked again faster than they should',
      `${named}scanRetrySpeed: 2`,
      /scanRetrySpeed can be more than 1 on the local stack only/,
    ],
    [
      'a scanner by its name',
      `${named}scannerFunction: our-scanner`,
      /scannerFunction is the ARN of a function of Lambda, not "our-scanner"/,
    ],
    [
      'a key by its alias',
      `${named}kmsKey: alias/files`,
      /kmsKey is the ARN of a key of KMS, and of no alias/,
    ],
    [
      'a boundary by its name',
      `${named}permissionsBoundary: b`,
      /permissionsBoundary is the ARN of a policy/,
    ],
    ['a path that is open', `${named}rolePath: /teams`, /rolePath is a path with a slash at both ends/],
    [
      'subnets without a group',
      `${named}vpcSubnets: subnet-0123456789abcdef0`,
      /vpcSecurityGroups is needed with vpcSubnets/,
    ],
    [
      'a group without subnets',
      `${named}vpcSecurityGroups: sg-0123456789abcdef0`,
      /vpcSubnets is needed with vpcSecurityGroups/,
    ],
    [
      'a subnet that is none',
      `${named}vpcSubnets: subnet-01234567,vpc-01234567`,
      /vpcSubnets lists ids of subnets, of which "vpc-01234567" is none/,
    ],
    [
      'more groups than Lambda takes',
      `${named}vpcSecurityGroups: ${Array(6).fill('sg-01234567').join(',')}`,
      /vpcSecurityGroups lists 6 security groups; Lambda takes 5/,
    ],
    ['functions in no network', `${named}vpcFunctions: health`, /vpcFunctions is set without vpcSubnets/],
    [
      'a function that there is not',
      `${named}vpcSubnets: subnet-01234567\nvpcSecurityGroups: sg-01234567\nvpcFunctions: health,helth`,
      /vpcFunctions names "helth", which is no function/,
    ],
    [
      'a parameter that there is not',
      `${named}allowedOrigin: https://a.example.com`,
      /there is no parameter allowedOrigin\. docs\/configuration\.md/,
    ],
  ])('is not packaged with %s', (_case, file, complaint) => {
    expect(setup('prod', file).package).toThrow(complaint);
  });

  test.each(['Prod', 'a-stage-with-a-name-too-long', '1st', 'pro_d'])('is not named %s', (stage) => {
    expect(setup(stage, named).package).toThrow(/at most 20 lower-case letters, digits and hyphens/);
  });

  test('is the one of serverless.yml when none is named', () => {
    const { plugin } = setup('dev');
    expect(Object.keys(plugin.hooks)).toEqual(
      expect.arrayContaining(['before:package:cleanup', 'before:deploy:function:initialize']),
    );
    expect(setup('dev').package).toThrow(/There is no stages\/dev\.yml/);
  });
});

describe('the policies of a stage', () => {
  test('are those of src/policies.ts, or of the file that it names', async () => {
    await expect(setup('prod', named).packagePolicies()).resolves.toBeUndefined();
    const own = setup('prod', `${named}policies: examples/fastify/policies.ts`);
    await expect(own.packagePolicies()).resolves.toBeUndefined();
  });

  test('keep it from being packaged when their file is not there, and the message names it', async () => {
    const lost = setup('prod', `${named}policies: stages/prod.policies.ts`);
    await expect(lost.packagePolicies()).rejects.toThrow(
      'The stage prod cannot be packaged: There is no file of policies stages/prod.policies.ts.',
    );
  });
});

describe('the scanners of a stage', () => {
  const policies = join(mkdtempSync(join(tmpdir(), 'sluice-scanned-')), 'policies.ts');
  const scanned = ['inspection', 'clamav', 'guardduty', 'function'];
  const faces = {
    title: 'Faces',
    types: ['image/png'],
    minBytes: 1,
    maxBytes: 1000,
    checksum: 'optional',
    urlExpiresInSeconds: 60,
    scanners: scanned,
  };
  writeFileSync(policies, `export const policies = { faces: ${JSON.stringify(faces)} };`);
  const file = `${named}policies: ${policies}\n`;

  test('are those that its parameters name, and inspection; a policy that demands another is refused', async () => {
    const { packagePolicies } = setup('prod', file);
    await expect(packagePolicies()).rejects.toThrow(
      /faces\.scanners demands clamav.*Set clamavImage[\s\S]*demands guardduty.*Set guardDuty to true[\s\S]*demands function.*Set scannerFunction/,
    );
    await expect(packagePolicies()).rejects.not.toThrow(/demands inspection/);
  });

  test('are all there when all are configured', async () => {
    const all = `${file}clamavImage: ${IMAGE}\nguardDuty: true\nscannerFunction: ${FUNCTION}\n`;
    await expect(setup('prod', all).packagePolicies()).resolves.toBeUndefined();
    expect(setup('prod', all).package).not.toThrow();
    const other = all.replace(`clamavImage: ${IMAGE}`, 'clamdAddress: 10.0.0.7:3310');
    await expect(setup('prod', other).packagePolicies()).resolves.toBeUndefined();
    expect(setup('prod', other).package).not.toThrow();
  });

  test('are of no container on the local stack, and of GuardDuty only with a stand-in', () => {
    expect(setup('local', undefined, [`clamavImage=${IMAGE}`]).package).toThrow(/clamavImage is for AWS/);
    expect(setup('local', undefined, ['guardDuty=true']).package).toThrow(/guardDutyEndpoint is needed/);
    const standIn = 'guardDutyEndpoint=http://127.0.0.1:4599';
    expect(setup('local', undefined, ['guardDuty=true', standIn]).package).not.toThrow();
    expect(setup('local', undefined, ['guardDutyEndpoint=none']).package).toThrow(
      /is an address, not "none"/,
    );
  });
});

describe('the local stage', () => {
  test('needs no file and takes parameters of the command line', () => {
    expect(
      setup('local', undefined, ['tlsOnly=false', 'apiUrl=http://127.0.0.1:4566/x']).package,
    ).not.toThrow();
  });

  test('takes an issuer by plain HTTP, as a backend on the same machine is', () => {
    const issuer = ['jwtIssuer=http://127.0.0.1:3000', 'jwtAudience=a'];
    expect(setup('local', undefined, issuer).package).not.toThrow();
    expect(setup('local', undefined, issuer.slice(0, 1)).package).toThrow(/jwtAudience is needed/);
  });

  test('has aliases, and no CodeDeploy that would shift their traffic', () => {
    expect(setup('local', undefined, ['deploymentConfig=AllAtOnce']).package).not.toThrow();
    expect(setup('local', undefined, ['deploymentConfig=Canary10Percent5Minutes']).package).toThrow(
      /deploymentConfig can be AllAtOnce at most on the local stack/,
    );
  });

  test('is not deployed to AWS, where every page could call it', () => {
    const before = process.env.AWS_ENDPOINT_URL;
    delete process.env.AWS_ENDPOINT_URL;
    try {
      expect(setup('local').deploy).toThrow(/The stage local is for the local stack/);
      expect(setup('prod', named).deploy).not.toThrow();
    } finally {
      if (before !== undefined) process.env.AWS_ENDPOINT_URL = before;
    }
  });
});

test('the example is a file that packages', () => {
  expect(setup('prod', readFileSync('stages/prod.example.yml', 'utf8')).package).not.toThrow();
});

test('every parameter is checked but for texts that may be anything', () => {
  const unchecked = Object.keys(params.default).filter((name) => {
    const others = name === 'allowedOrigins' ? '' : named;
    return !isRefused(setup('prod', `${others}${name}: '  '`).package);
  });
  expect(unchecked).toEqual(['tenantClaim']);
});

function isRefused(attempt: () => void): boolean {
  try {
    attempt();
    return false;
  } catch {
    return true;
  }
}
