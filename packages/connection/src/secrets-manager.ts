// `@sluice/connection/secrets-manager`. Needs `@aws-sdk/client-secrets-manager`.
export { createSecretsManagerClient } from './clients/secrets-manager.ts';
