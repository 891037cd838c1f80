// `@sluice/client/node`: what a program on Node has beside a page's.
export { type ClientCredentials, ClientCredentialsError, clientCredentials } from './client-credentials.ts';
export { openFile } from './file.ts';
export { createGrants, type Grant, type Grants, type GrantWish, type NewGrant } from './grants.ts';
export type { FileSource } from './platform.ts';
