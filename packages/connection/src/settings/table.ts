import {
  flag,
  instant,
  integer,
  matching,
  milliseconds,
  oneOf,
  proxy,
  type Rule,
  rate,
  seconds,
  size,
  text,
  url,
} from './rule.ts';
import type { SettingName, SettingValues } from './values.ts';

/** One row: the rule, and the places to look in. */
export type Row<T> = {
  readonly rule: Rule<T>;
  /** Variables, the first one set wins. */
  readonly environment?: readonly string[];
  /** Keys of a profile, the first one set wins; `s3.` reaches into the nested block of that name. */
  readonly file?: readonly string[];
  /** For environments that use another unit than the code does. */
  readonly environmentRule?: Rule<T>;
  readonly otherwise?: T;
  /** How much `explain` may show. */
  readonly shown?: 'last four' | 'nothing' | 'without password';
};

type Table = { readonly [Name in SettingName]: Row<Exclude<SettingValues[Name], undefined>> };

const checksumMode = oneOf('WHEN_SUPPORTED', 'WHEN_REQUIRED');

/**
 * The settings, where each is looked for, and what is used when it is nowhere.
 *
 * The defaults are botocore's, with three exceptions. Connecting gets 10 s instead of 60: that is four SYN
 * packets, and what they did not achieve is better left to the next attempt. Attempts are 3, not the 5 of
 * botocore's legacy mode. And the pool holds 50 sockets, as in the SDK, since sockets are only opened when
 * calls need them at once.
 */
export const settingTable: Table = {
  region: {
    rule: matching(/^[a-z0-9](-?[a-z0-9])*$/, 'a region such as eu-central-1'),
    environment: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    file: ['region'],
  },

  accessKeyId: {
    // Other stores have ids with dashes, dots or an address in them. These three would end it in a signature.
    rule: matching(/^(?:(?![/,=])[!-~]){3,128}$/, 'an access key id'),
    environment: ['AWS_ACCESS_KEY_ID'],
    file: ['aws_access_key_id'],
    shown: 'last four',
  },
  secretAccessKey: {
    rule: text,
    environment: ['AWS_SECRET_ACCESS_KEY'],
    file: ['aws_secret_access_key'],
    shown: 'nothing',
  },
  sessionToken: {
    rule: text,
    environment: ['AWS_SESSION_TOKEN'],
    file: ['aws_session_token'],
    shown: 'nothing',
  },
  keyExpiration: { rule: instant, environment: ['AWS_CREDENTIAL_EXPIRATION'] },
  profile: { rule: text, environment: ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'] },
  // Not AWS_ROLE_ARN: that one belongs to AWS_WEB_IDENTITY_TOKEN_FILE, which the provider chain reads.
  roleArn: { rule: matching(/^arn:[^:]+:iam::\d{12}:role\/.+$/, 'the ARN of a role'), file: ['role_arn'] },
  roleSessionName: {
    rule: matching(/^[\w+=,.@-]{2,64}$/, '2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ -'),
    environment: ['AWS_ROLE_SESSION_NAME'],
    file: ['role_session_name'],
  },
  roleExternalId: { rule: text, file: ['external_id'], shown: 'nothing' },
  roleDurationSeconds: { rule: integer(900, 43_200), file: ['duration_seconds'] },
  mfaSerial: { rule: text, file: ['mfa_serial'] },
  unsigned: { rule: flag, otherwise: false },

  endpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL'],
    file: ['endpoint_url'],
    shown: 'without password',
  },
  s3Endpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL_S3'],
    file: ['services.s3.endpoint_url'],
    shown: 'without password',
  },
  dynamodbEndpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL_DYNAMODB'],
    file: ['services.dynamodb.endpoint_url'],
    shown: 'without password',
  },
  sqsEndpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL_SQS'],
    file: ['services.sqs.endpoint_url'],
    shown: 'without password',
  },
  stsEndpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL_STS'],
    file: ['services.sts.endpoint_url'],
    shown: 'without password',
  },
  secretsmanagerEndpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL_SECRETS_MANAGER'],
    file: ['services.secrets_manager.endpoint_url'],
    shown: 'without password',
  },
  cloudfrontEndpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL_CLOUDFRONT'],
    file: ['services.cloudfront.endpoint_url'],
    shown: 'without password',
  },
  eventbridgeEndpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL_EVENTBRIDGE'],
    file: ['services.eventbridge.endpoint_url'],
    shown: 'without password',
  },
  guarddutyEndpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL_GUARDDUTY'],
    file: ['services.guardduty.endpoint_url'],
    shown: 'without password',
  },
  lambdaEndpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL_LAMBDA'],
    file: ['services.lambda.endpoint_url'],
    shown: 'without password',
  },
  logsEndpoint: {
    rule: url,
    environment: ['AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'],
    file: ['services.cloudwatch_logs.endpoint_url'],
    shown: 'without password',
  },
  ignoreConfiguredEndpoints: {
    rule: flag,
    environment: ['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'],
    file: ['ignore_configured_endpoint_urls'],
    otherwise: false,
  },
  addressingStyle: {
    rule: oneOf('auto', 'path', 'virtual'),
    environment: ['AWS_S3_ADDRESSING_STYLE'],
    file: ['s3.addressing_style'],
    otherwise: 'auto',
  },
  useAccelerateEndpoint: { rule: flag, file: ['s3.use_accelerate_endpoint'], otherwise: false },
  useDualstackEndpoint: {
    rule: flag,
    environment: ['AWS_USE_DUALSTACK_ENDPOINT'],
    file: ['s3.use_dualstack_endpoint', 'use_dualstack_endpoint'],
    otherwise: false,
  },
  useFipsEndpoint: {
    rule: flag,
    environment: ['AWS_USE_FIPS_ENDPOINT'],
    file: ['use_fips_endpoint'],
    otherwise: false,
  },

  useArnRegion: {
    rule: flag,
    environment: ['AWS_S3_USE_ARN_REGION'],
    file: ['s3_use_arn_region', 's3.use_arn_region'],
    otherwise: true,
  },
  disableExpressSessionAuth: {
    rule: flag,
    environment: ['AWS_S3_DISABLE_EXPRESS_SESSION_AUTH'],
    file: ['s3_disable_express_session_auth'],
    otherwise: false,
  },

  connectTimeoutMs: timeout(10_000),
  readTimeoutMs: timeout(60_000),
  idleTimeoutMs: timeout(60_000),
  maxAttempts: {
    rule: integer(1, 100),
    environment: ['AWS_MAX_ATTEMPTS'],
    file: ['max_attempts'],
    otherwise: 3,
  },
  retryMode: {
    rule: {
      ...oneOf('standard', 'adaptive'),
      allowed: 'one of standard, adaptive (for legacy use standard)',
    },
    environment: ['AWS_RETRY_MODE'],
    file: ['retry_mode'],
    otherwise: 'standard',
  },
  maxSockets: { rule: integer(1, 10_000), otherwise: 50 },
  keepAlive: { rule: flag, otherwise: true },
  transferConcurrency: { rule: integer(1, 1_000), file: ['s3.max_concurrent_requests'] },
  transferThresholdBytes: { rule: size, file: ['s3.multipart_threshold'] },
  transferPartBytes: { rule: size, file: ['s3.multipart_chunksize'] },
  maxBytesPerSecond: { rule: rate, file: ['s3.max_bandwidth'] },
  tcpKeepAlive: {
    rule: flag,
    environment: ['BOTOCORE_TCP_KEEPALIVE'],
    file: ['tcp_keepalive'],
    otherwise: true,
  },

  httpProxy: { rule: proxy, environment: ['http_proxy', 'HTTP_PROXY'], shown: 'without password' },
  httpsProxy: { rule: proxy, environment: ['https_proxy', 'HTTPS_PROXY'], shown: 'without password' },
  noProxy: { rule: text, environment: ['no_proxy', 'NO_PROXY'] },
  proxyCaBundle: { rule: text, file: ['proxy_ca_bundle'] },
  proxyClientCertificate: { rule: text, file: ['proxy_client_cert'] },
  proxyClientKey: { rule: text },
  caBundle: { rule: text, environment: ['AWS_CA_BUNDLE'], file: ['ca_bundle'] },
  clientCertificate: { rule: text },
  clientKey: { rule: text },

  requestChecksumCalculation: {
    rule: checksumMode,
    environment: ['AWS_REQUEST_CHECKSUM_CALCULATION'],
    file: ['request_checksum_calculation'],
    otherwise: 'WHEN_SUPPORTED',
  },
  responseChecksumValidation: {
    rule: checksumMode,
    environment: ['AWS_RESPONSE_CHECKSUM_VALIDATION'],
    file: ['response_checksum_validation'],
    otherwise: 'WHEN_SUPPORTED',
  },
  userAgentSuffix: {
    // A slash has to pass: Powertools puts "PT/NO-OP/…" in the environment of every function that loads it.
    rule: matching(/^[\w!#$%&'*+.^`|~/-]{1,50}$/, 'up to 50 characters without blanks'),
    environment: ['AWS_SDK_UA_APP_ID'],
    file: ['sdk_ua_app_id'],
  },
};

function timeout(otherwise: number): Row<number> {
  return { rule: milliseconds, environment: ['AWS_HTTP_TIMEOUT'], environmentRule: seconds, otherwise };
}
