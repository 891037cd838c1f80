// `@sluice/connection/logs`. Needs `@aws-sdk/client-cloudwatch-logs`.
export { createLogsClient } from './clients/logs.ts';
