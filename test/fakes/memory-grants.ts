import { isDeepStrictEqual } from 'node:util';
import { Refusal } from '@sluice/contract/refusals';
import { refuseEnded, refuseUsedUp } from '../../src/lib/grant/check.ts';
import type { Grants, UploadGrant } from '../../src/lib/grant/grant.ts';
import { type Count, refuseFull, type Tally } from '../../src/lib/quota/count.ts';
import type { Counters } from '../../src/lib/quota/ports.ts';
import type { Refund } from '../../src/lib/quota/refund.ts';
import type { Sources } from '../../src/lib/upload/ports.ts';

/**
 * The grants and counters in memory, held to the same contract suites as the table. The maps are for
 * assertions.
 */
export type MemoryGrants = Grants & {
  readonly rows: Map<string, UploadGrant>;
  readonly tallies: Map<string, Tally>;
  readonly counters: Counters;
  /** what the ledger does in the same write as a row of its own */
  readonly take: (from: Sources, bytes: number, now: number) => void;
  readonly giveBack: (refund: Refund) => void;
};

const NOTHING: Tally = { files: 0, bytes: 0, changes: 0 };

export function createMemoryGrants(): MemoryGrants {
  const rows = new Map<string, UploadGrant>();
  const tallies = new Map<string, Tally>();
  const read = (id: string) => tallies.get(id) ?? NOTHING;
  const change = (id: string, by: Partial<Tally>) =>
    tallies.set(id, { ...read(id), ...by, changes: read(id).changes + 1 });

  const counters: Counters = {
    async read(id) {
      return read(id);
    },
    async setLimits(id, ownLimits) {
      const { ownLimits: _before, ...rest } = read(id);
      tallies.set(id, { ...rest, changes: rest.changes + 1, ...(ownLimits && { ownLimits }) });
    },
    async correct(id, seen, { files, bytes }) {
      if (read(id).changes !== seen.changes) return false;
      change(id, { files, bytes });
      return true;
    },
    async *list() {
      for (const [id, tally] of tallies) yield { id, ...tally };
    },
  };

  const ofCounter = (count: Count, bytes: number) => {
    const tally = read(count.id);
    refuseFull({ ...count, ...tally, limits: tally.ownLimits ?? count.limits }, bytes);
    if (!isDeepStrictEqual(tally.ownLimits, count.ownLimits)) throw new Refusal('too_busy');
    return () => change(count.id, { files: read(count.id).files + 1, bytes: read(count.id).bytes + bytes });
  };
  const ofGrant = ({ id }: UploadGrant, bytes: number, now: number) => {
    const grant = rows.get(id);
    if (grant === undefined) throw new Error('there is no row of this grant');
    refuseEnded(grant, now);
    refuseUsedUp(grant, bytes);
    return () =>
      rows.set(id, {
        ...grant,
        takenUploads: grant.takenUploads + 1,
        takenBytes: grant.takenBytes + bytes,
      });
  };

  return {
    rows,
    tallies,
    counters,
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
    take({ grant, counts = [] }, bytes, now) {
      const takings = [
        ...(grant === undefined ? [] : [ofGrant(grant, bytes, now)]),
        ...counts.map((count) => ofCounter(count, count.counter === 'unfinished' ? 0 : bytes)),
      ];
      for (const take of takings) take();
    },
    giveBack({ id, uploads, bytes }) {
      const grant = rows.get(id);
      if (grant !== undefined) {
        rows.set(id, {
          ...grant,
          takenUploads: grant.takenUploads - uploads,
          takenBytes: grant.takenBytes - bytes,
        });
      }
      const tally = tallies.get(id);
      if (tally !== undefined) change(id, { files: tally.files - uploads, bytes: tally.bytes - bytes });
    },
  };
}
