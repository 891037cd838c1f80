import type { Upload } from '@sluice/contract/upload';
import type { AdminGrants, AdminLedger, BackupRow } from '../../src/lib/admin/ports.ts';
import { UnreadableRow } from '../../src/lib/upload/faults.ts';
import { parseRow, ROW_SCHEMA } from '../../src/lib/upload/row.ts';
import type { MemoryGrants } from './memory-grants.ts';
import type { createMemoryLedger } from './memory-ledger.ts';

type MemoryLedger = ReturnType<typeof createMemoryLedger>;

/** What operators do with the rows of `ledger`, in memory. `backup` is what another table holds. */
export function createMemoryAdminLedger(
  ledger: MemoryLedger,
  grants: MemoryGrants,
  backup: readonly BackupRow[] = [],
): AdminLedger {
  const { rows } = ledger;
  const asSeen = (seen: Upload) => {
    const row = rows.get(seen.id);
    return row?.upload.state === seen.state && row.upload.epoch === seen.epoch ? row : undefined;
  };
  const pageOf = <T extends { readonly id: string }>(
    all: readonly T[],
    after: string | undefined,
    limit: number,
  ) => {
    const sorted = all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const page = sorted.filter(({ id }) => after === undefined || id > after).slice(0, limit);
    const last = page.at(-1)?.id;
    return { page, ...(last !== undefined && last !== sorted.at(-1)?.id && { next: last }) };
  };
  return {
    async scan({ states, policy, reason }, after, limit, segment) {
      const all = [...rows.keys()].map((id) => ({ id }));
      const { page, next } = pageOf(all, after, limit);
      const uploads: Upload[] = [];
      const unreadable: UnreadableRow[] = [];
      for (const { id } of page) {
        if (segment !== undefined && Number.parseInt(id.slice(0, 4), 16) % segment.of !== segment.number)
          continue;
        const { upload, schema = ROW_SCHEMA } = rows.get(id) ?? ledgerLost(id);
        if (states !== undefined && !states.includes(upload.state)) continue;
        if (policy !== undefined && upload.policy !== policy) continue;
        if (reason !== undefined && upload.reason !== reason) continue;
        try {
          uploads.push(parseRow({ ...upload, schema }));
        } catch (error) {
          unreadable.push(error as UnreadableRow);
        }
      }
      return { uploads, unreadable, ...(next !== undefined && { next }) };
    },

    async reopen(seen, dueAt, { bytes, counts }) {
      const row = asSeen(seen);
      if (row === undefined) return undefined;
      if (counts.length > 0) grants.take({ counts }, bytes, 0);
      const { settledAt, evidence, servedType, reason, detail, versionId, scans, inspection, ...rest } =
        row.upload;
      const upload: Upload = {
        ...rest,
        state: 'verifying',
        epoch: rest.epoch + 1,
        dueAt,
        ...(counts.length > 0 && { reserved: bytes, counters: counts.map(({ counter }) => counter) }),
      };
      rows.set(seen.id, { upload, leaseEndsAt: 0 });
      return upload;
    },

    async readBackup(_table, after, limit) {
      const { page, next } = pageOf(backup, after, limit);
      return { rows: page, ...(next !== undefined && { next }) };
    },

    async putBack({ id, item }, dueAt) {
      if (rows.has(id)) return false;
      // Sound: tests put uploads there.
      const upload = item as Upload;
      rows.set(id, { upload: dueAt === undefined ? upload : { ...upload, dueAt } });
      return true;
    },

    async blank(seen) {
      const row = asSeen(seen);
      if (row === undefined) return;
      const { reference, detail, ...rest } = row.upload;
      rows.set(seen.id, { ...row, upload: { ...rest, filename: 'erased', metadata: {} } });
    },

    async forget(seen) {
      if (!rows.has(seen.id)) return true;
      return asSeen(seen) !== undefined && rows.delete(seen.id);
    },
  };
}

function ledgerLost(id: string): never {
  throw new UnreadableRow(id, 'it is gone');
}

/** The table of grants as operators use it, in memory. */
export function createMemoryAdminGrants({ rows }: MemoryGrants): AdminGrants {
  return {
    async forgetOf({ tenant, subject }, _after, _limit, dryRun) {
      const theirs = [...rows.values()].filter(
        (grant) => grant.tenant === tenant && (subject === undefined || grant.subject === subject),
      );
      for (const { id } of dryRun ? [] : theirs) rows.delete(id);
      return { forgotten: theirs.length };
    },
  };
}
