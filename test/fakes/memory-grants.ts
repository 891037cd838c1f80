import { refuseEnded, refuseUsedUp } from '../../src/lib/grant/check.ts';
import type { Grants, UploadGrant } from '../../src/lib/grant/grant.ts';
import type { Refund } from '../../src/lib/grant/refund.ts';

/** The grants in memory, held to the same contract suite as the table. `rows` is for assertions. */
export type MemoryGrants = Grants & {
  readonly rows: Map<string, UploadGrant>;
  /** what the ledger does in the same write as a row of its own */
  readonly take: (grant: UploadGrant, bytes: number, now: number) => void;
  readonly giveBack: (refund: Refund) => void;
};

export function createMemoryGrants(): MemoryGrants {
  const rows = new Map<string, UploadGrant>();
  return {
    rows,
    async record(grant) {
      if (!rows.has(grant.id)) rows.set(grant.id, grant);
    },
    async read(id) {
      return rows.get(id);
    },
    async revoke(id, revokedAt) {
      const grant = rows.get(id);
      if (grant === undefined) return undefined;
      const revoked = { ...grant, revokedAt: grant.revokedAt ?? revokedAt };
      rows.set(id, revoked);
      return revoked;
    },
    take({ id }, bytes, now) {
      const grant = rows.get(id);
      if (grant === undefined) throw new Error('there is no row of this grant');
      refuseEnded(grant, now);
      refuseUsedUp(grant, bytes);
      rows.set(id, {
        ...grant,
        takenUploads: grant.takenUploads + 1,
        takenBytes: grant.takenBytes + bytes,
      });
    },
    giveBack({ grantId, uploads, bytes }) {
      const grant = rows.get(grantId);
      if (grant === undefined) return;
      rows.set(grantId, {
        ...grant,
        takenUploads: grant.takenUploads - uploads,
        takenBytes: grant.takenBytes - bytes,
      });
    },
  };
}
