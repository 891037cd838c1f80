import { EVENT_TYPES } from '@sluice/contract/event';
import { ALL_TENANTS, DEPLOYMENTS_OWN, type Endpoint, SIGNATURE_KINDS } from './endpoint.ts';
import type { Endpoints } from './ports.ts';

/**
 * The endpoints with the one that the deployment names itself. Its URL is the deployment's; what happened to
 * it since, such as a rotation, is kept in a row. Once the deployment names none, or another, the row of the
 * former counts no more but for its secret's version.
 * @param url undefined where the deployment names none
 */
export function withConfigured(stored: Endpoints, url: string | undefined): Endpoints {
  return {
    ...stored,
    async list(scope) {
      const rows = await stored.list(scope);
      if (scope !== ALL_TENANTS) return rows;
      const others = rows.filter(({ id }) => id !== DEPLOYMENTS_OWN);
      if (url === undefined) return others;
      return [
        ...others,
        configured(
          url,
          rows.find(({ id }) => id === DEPLOYMENTS_OWN),
        ),
      ];
    },
  };
}

function configured(url: string, row: Endpoint | undefined): Endpoint {
  const fresh: Endpoint = {
    id: DEPLOYMENTS_OWN,
    scope: ALL_TENANTS,
    url,
    types: EVENT_TYPES,
    signatures: SIGNATURE_KINDS,
    enabled: true,
    createdAt: 0,
    version: row?.version ?? 1,
    revision: row?.revision ?? 0,
  };
  return row?.url === url ? { ...row, types: fresh.types, signatures: fresh.signatures } : fresh;
}
