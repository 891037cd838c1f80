import type { Service } from '@sluice/contract/caller';

/** The operator as the core knows callers: one that acts for all tenants, as a service may. */
export const OPERATOR: Service = {
  kind: 'service',
  client: 'operator',
  scopes: ['uploads.read', 'uploads.delete', 'tenants'],
};
