// What is wrong with the values of parameters. infra/stage.cjs says it before a stage is packaged.
const accountChecks = require('./account-checks.cjs');
const { MOST_CONCURRENCY, toCapacity } = require('./capacity.cjs');
const { wrongConfig } = require('./code-deploy.cjs');
const { wrongTags } = require('./tags.cjs');

const MOST_FILES = 1_000_000_000;
// One row counts them, and DynamoDB writes one row a thousand times a second.
const MOST_REQUESTS_PER_MINUTE = 30_000;
const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'];
const flag = (value) => (/^(true|false)$/.test(value) ? undefined : `is true or false, not "${value}"`);
const whole = (least) => (value) =>
  /^\d{1,9}$/.test(value) && Number(value) >= least
    ? undefined
    : `is a whole number from ${least}, not "${value}"`;
const wholeOrEmpty = (most) => (value) =>
  value === '' || (/^\d{1,16}$/.test(value) && Number(value) <= most)
    ? undefined
    : `is empty, or a whole number up to ${most}, not "${value}"`;
const emptyOr = (check) => (value, context) => (value === '' ? undefined : check(value, context));
const wrongSeconds = (value) =>
  /^\d{1,3}(?:\.\d{1,3})?$/.test(value) && Number(value) > 0
    ? undefined
    : `is a number of seconds such as 0.5, of up to three decimals, not "${value}"`;
const wrongOrigins = (value) => {
  const origins = value.split(',').map((origin) => origin.trim());
  const wrong = origins.filter((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  return wrong.length === 0
    ? undefined
    : `lists origins such as https://app.example.com, without a path or a slash at the end; "${wrong[0]}" is none`;
};

/** API Gateway takes no issuer without TLS; on one machine a backend that is being written has none. */
const isIssuerProtocol = (protocol, isLocal) => protocol === 'https:' || (isLocal && protocol === 'http:');
const isElsewhere = ({ values }) => values.s3Endpoint !== '';
// Left over, it says that the buckets were elsewhere once: without the endpoint the stack would make new
// ones, and find nothing.
const onlyElsewhere = (value, context) =>
  value !== '' && !isElsewhere(context) ? 'is set without s3Endpoint: name both or neither' : undefined;
const wrongEndpoint = (value, { isLocal }) => {
  if (value === '') return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isOrigin = url !== undefined && url.origin === value;
  return isOrigin && (url.protocol === 'https:' || (isLocal && url.protocol === 'http:'))
    ? undefined
    : `is an address such as https://minio.example.com:9000, without a slash at its end, not "${value}"`;
};
const SECRET_ARN = /^arn:[\w-]+:secretsmanager:[\w-]+:\d+:secret:.+$/;
// Left over, it says that addresses were signed once, which they would not be any more.
const onlyWithCloudFront = (value, { values }, form, what) => {
  if (values.cloudFront === 'true') return form.test(value) ? undefined : `is ${what}, not "${value}"`;
  return value === '' ? undefined : 'is set without cloudFront: name all three or none';
};
const IMAGE = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$/;
const FUNCTION_ARN = /^arn:[\w-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(?::[\w$-]+)?$/;
const ADDRESS = /^(?:\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}$/;
const bucketElsewhere = (value, context) => {
  if (!isElsewhere(context)) return onlyElsewhere(value, context);
  const { s3IncomingBucket, s3StoreBucket, s3QuarantineBucket } = context.values;
  if (value === '') return 'names a bucket that is there already: with s3Endpoint the stack makes none';
  return [s3IncomingBucket, s3StoreBucket, s3QuarantineBucket].filter((name) => name === value).length > 1
    ? `is a bucket of its own: "${value}" is named twice`
    : undefined;
};

/**
 * What is wrong with the value of one parameter, as the end of a sentence. Conditions of CloudFormation would
 * take a `True` for false.
 */
const CHECKS = {
  policies: (value) => (value.endsWith('.ts') ? undefined : `names a file of TypeScript, not "${value}"`),
  allowedOrigins: (value, { isLocal }) => {
    if (isLocal && value === '*') return undefined;
    if (value === '*' || value === '') return 'has to name the origins of your pages';
    return wrongOrigins(value);
  },
  jwtIssuer: (value, { isLocal }) =>
    value === '' || (URL.canParse(value) && isIssuerProtocol(new URL(value).protocol, isLocal))
      ? undefined
      : `is the https:// address that your tokens have as iss, not "${value}"`,
  jwtAudience: (value, { values }) => {
    if (values.jwtIssuer !== '' && value === '')
      return 'is needed with jwtIssuer: without it any token of that issuer would do';
    // Left over, it says that there was an issuer once: without it the stack would make a user pool, and
    // nobody could log in.
    if (values.jwtIssuer === '' && value !== '') return 'is set without jwtIssuer: name both or neither';
    return undefined;
  },
  serviceAudience: (value, { values }) => {
    if (value === '') return undefined;
    if (values.jwtIssuer === '')
      return 'is set without jwtIssuer: services of the stack’s own pool are known without it';
    // A token for both could be of either, and what a service may do is more.
    return value === values.jwtAudience
      ? 'is the same as jwtAudience: a user’s token would pass as a service’s; give services an audience of their own'
      : undefined;
  },
  tenantClaim: (value, { values }) => {
    if (value === '') return 'names a claim of the token';
    return values.jwtIssuer === '' && value === 'locale'
      ? 'is what users of the stack’s own pool may write themselves; name another, such as custom:tenant'
      : undefined;
  },
  logLevel: (value) =>
    LOG_LEVELS.includes(value) ? undefined : `is one of ${LOG_LEVELS.join(', ')}, not "${value}"`,
  logRetentionInDays: whole(1),
  heldRetentionInDays: whole(7),
  auditRetentionInDays: emptyOr(whole(1)),
  rejectedRetentionInDays: whole(1),
  eventRetentionInDays: whole(1),
  storeVersioning: flag,
  storeVersionRetentionInDays: whole(1),
  storeWriteOnce: flag,
  tableDeletionProtection: flag,
  ledgerMigration: (value) =>
    /^[0-7]$/.test(value) ? undefined : `is a step of the migration, from 0 to 7, not "${value}"`,
  expiryGraceInSeconds: whole(0),
  tlsOnly: (value, { isLocal }) =>
    value === 'false' && !isLocal ? 'can be false on the local stack only' : flag(value),
  apiUrl: (value, { isLocal }) => {
    if (value.endsWith('/')) return 'has no slash at its end';
    return isLocal || value.startsWith('https://') ? undefined : `begins with https://, unlike "${value}"`;
  },
  tracing: flag,
  alarmTopic: (value) =>
    value === '' || /^arn:[\w-]+:sns:/.test(value) ? undefined : `is the ARN of an SNS topic, not "${value}"`,
  deploymentConfig: (value, { isLocal }) => wrongConfig(value, isLocal),
  stackTags: wrongTags,
  peakUploadsPerSecond: (value, { values }) => {
    const wrong = whole(1)(value);
    if (wrong !== undefined || wrongSeconds(values.verifySeconds) !== undefined) return wrong;
    const { verifyConcurrency } = toCapacity(values);
    return verifyConcurrency <= MOST_CONCURRENCY
      ? undefined
      : `asks for ${verifyConcurrency} batches at once, where a batch takes ${values.verifySeconds} s (verifySeconds), and Lambda works on ${MOST_CONCURRENCY} of a queue at most: docs/growing.md`;
  },
  verifySeconds: wrongSeconds,
  warmTables: flag,
  routeRateLimit: emptyOr(whole(1)),
  routeBurstLimit: emptyOr(whole(1)),
  ...accountChecks,
  usageCounted: (value) =>
    ['', 'owner', 'tenant', 'owner,tenant'].includes(value)
      ? undefined
      : `is owner, tenant, owner,tenant or empty, not "${value}"`,
  ownerQuotaFiles: wholeOrEmpty(MOST_FILES),
  ownerQuotaBytes: wholeOrEmpty(Number.MAX_SAFE_INTEGER),
  tenantQuotaFiles: wholeOrEmpty(MOST_FILES),
  tenantQuotaBytes: wholeOrEmpty(Number.MAX_SAFE_INTEGER),
  ownerUnfinishedUploads: wholeOrEmpty(MOST_FILES),
  ownerRequestsPerMinute: wholeOrEmpty(MOST_REQUESTS_PER_MINUTE),
  verifyReservedConcurrency: (value, { values }) => {
    const { verifyConcurrency } = toCapacity(values);
    return value === '' || (whole(2)(value) === undefined && Number(value) >= verifyConcurrency)
      ? undefined
      : `is empty, or a whole number not below ${verifyConcurrency}, which is what verification may take by peakUploadsPerSecond, else Lambda would throttle what it has received already`;
  },
  webhookUrl: (value, { isLocal }) => {
    if (value === '') return undefined;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const isFit = url?.protocol === 'https:' || (isLocal && url?.protocol === 'http:');
    const isPlain = url?.username === '' && url.password === '' && url.hash === '';
    return isFit && isPlain
      ? undefined
      : `is an address that begins with https://, without a name, a password or a fragment, not "${value}"`;
  },
  webhookReach: (value, { isLocal }) => {
    if (value === 'anywhere' && !isLocal) return 'can be anywhere on the local stack only';
    return ['public', 'anywhere'].includes(value) ? undefined : `is public or anywhere, not "${value}"`;
  },
  webhookRetrySpeed: (value, { isLocal }) =>
    value !== '1' && !isLocal ? 'can be more than 1 on the local stack only' : whole(1)(value),
  maxWebhookConcurrency: whole(2),
  storeInventory: (value, context) => {
    if (value !== '' && isElsewhere(context))
      return 'is for buckets in AWS: only S3 itself makes such reports';
    return ['', 'Daily', 'Weekly'].includes(value) ? undefined : `is Daily, Weekly or empty, not "${value}"`;
  },
  adoptFrom: (value) =>
    value === '' || /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9*]$/.test(value)
      ? undefined
      : `is empty, or the name of a bucket, not "${value}"`,
  arrivalsPush: flag,
  s3Endpoint: wrongEndpoint,
  s3PublicEndpoint: (value, context) => onlyElsewhere(value, context) ?? wrongEndpoint(value, context),
  s3Region: (value) =>
    /^[a-z0-9](?:-?[a-z0-9])*$/.test(value) ? undefined : `is the name of a region, not "${value}"`,
  s3AddressingStyle: (value) =>
    ['auto', 'path', 'virtual'].includes(value) ? undefined : `is one of auto, path, virtual, not "${value}"`,
  s3KeysSecret: (value, context) => {
    if (isElsewhere(context) && !SECRET_ARN.test(value))
      return `is the ARN of the secret with the keys of that S3, not "${value}"`;
    return onlyElsewhere(value, context);
  },
  s3IncomingBucket: bucketElsewhere,
  s3StoreBucket: bucketElsewhere,
  s3QuarantineBucket: bucketElsewhere,
  cloudFront: (value, context) =>
    value === 'true' && isElsewhere(context)
      ? 'is for buckets in AWS: CloudFront cannot sign for the S3 that s3Endpoint names'
      : flag(value),
  cloudFrontKeyGroup: (value, context) =>
    onlyWithCloudFront(value, context, /^[\w-]{8,64}$/, 'the id of a key group of CloudFront'),
  cloudFrontKeySecret: (value, context) =>
    onlyWithCloudFront(value, context, SECRET_ARN, 'the ARN of the secret with a private key of that group'),
  clamavImage: (value, { isLocal }) => {
    if (value === '') return undefined;
    if (isLocal) return 'is for AWS: the local stack has no containers; name a clamd with clamdAddress';
    // A tag that moves would change nothing: CloudFormation compares the text.
    return IMAGE.test(value)
      ? undefined
      : `is an image in ECR by its digest (…amazonaws.com/name@sha256:…), not "${value}"`;
  },
  clamdAddress: (value, { values }) => {
    if (value === '') return undefined;
    if (values.clamavImage !== '')
      return 'is set beside clamavImage, whose clamd is in the image: name one of both';
    return ADDRESS.test(value)
      ? undefined
      : `is the host and port of a clamd, such as 10.0.0.7:3310, not "${value}"`;
  },
  guardDuty: (value, context) =>
    value === 'true' && isElsewhere(context)
      ? 'is for buckets in AWS: GuardDuty cannot look into those of the S3 that s3Endpoint names'
      : flag(value),
  guardDutyEndpoint: (value, { isLocal, values }) => {
    if (value === '') {
      return isLocal && values.guardDuty === 'true'
        ? 'is needed on the local stack, which has no GuardDuty'
        : undefined;
    }
    if (!isLocal) return 'can be set on the local stack only';
    return URL.canParse(value) ? undefined : `is an address, not "${value}"`;
  },
  scannerFunction: (value) =>
    value === '' || FUNCTION_ARN.test(value)
      ? undefined
      : `is the ARN of a function of Lambda, not "${value}"`,
  scanRetrySpeed: (value, { isLocal }) =>
    value !== '1' && !isLocal ? 'can be more than 1 on the local stack only' : whole(1)(value),
};

module.exports = { CHECKS };
