// `@sluice/connection/dynamodb`. Needs `@aws-sdk/client-dynamodb`.
export { createDynamoDBClient } from './clients/dynamodb.ts';
