import { readFunctions } from '../functions.ts';

// Made up, and of the right form: a function that starts looks at no more.
const FORMS: Readonly<Record<string, string>> = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'FwoGZXIvYXdzEXAMPLE',
  AWS_LAMBDA_FUNCTION_NAME: 'sluice-dev',
  LOG_LEVEL: 'INFO',
  EXPIRY_GRACE_SECONDS: '3600',
  EVENT_RETENTION_DAYS: '30',
  LOG_RETENTION_DAYS: '30',
  ROW_RETENTION_DAYS: '30',
  WEBHOOK_RETRY_SPEED: '1',
  SCAN_RETRY_SPEED: '1',
  USER_POOL_ENDPOINT: 'https://cognito-idp.eu-central-1.amazonaws.com',
  JWT_ISSUER: '',
  S3_ENDPOINT: '', // the stack's own buckets
  FILES_ORIGIN: '', // which nothing stands before
  FILES_DISTRIBUTION: '',
  LEDGER_INDEXES: '', // those of a new stage
  USAGE_COUNTED: '', // nothing is counted, and nobody has a limit
  OWNER_QUOTA_FILES: '',
  OWNER_QUOTA_BYTES: '',
  TENANT_QUOTA_FILES: '',
  TENANT_QUOTA_BYTES: '',
  OWNER_UNFINISHED: '',
  OWNER_REQUESTS_PER_MINUTE: '',
  AWS_ENDPOINT_URL_GUARDDUTY: '', // AWS's own
  CLAMD_ADDRESS: '', // the one in the container
  API_URL: 'https://example.execute-api.eu-central-1.amazonaws.com',
};

/** Every variable that Lambda or serverless.yml sets, for a function to start with. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    readFunctions().flatMap(({ variables }) =>
      variables.map((name) => [name, name.toLowerCase().replaceAll('_', '-')]),
    ),
  ),
  ...FORMS,
};
