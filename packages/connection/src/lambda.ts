// `@sluice/connection/lambda`. Needs `@aws-sdk/client-lambda`.
export { createLambdaClient } from './clients/lambda.ts';
