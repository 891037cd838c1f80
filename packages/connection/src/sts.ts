// `@sluice/connection/sts`: whose the keys are. Needs `@aws-sdk/client-sts`.
export { type Identity, readIdentity } from './access/identity.ts';
export { createSTSClient } from './clients/sts.ts';
