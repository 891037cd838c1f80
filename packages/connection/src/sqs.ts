// `@sluice/connection/sqs`. Needs `@aws-sdk/client-sqs`.
export { createSQSClient } from './clients/sqs.ts';
