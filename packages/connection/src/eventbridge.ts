// `@sluice/connection/eventbridge`. Needs `@aws-sdk/client-eventbridge`.
export { createEventBridgeClient } from './clients/eventbridge.ts';
