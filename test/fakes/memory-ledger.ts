import { Refusal } from '@sluice/contract/refusals';
import { isEnded, isSettled, isWaiting } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { toSettlement } from '../../src/lib/quota/refund.ts';
import type { UnreadableRow } from '../../src/lib/upload/faults.ts';
import type { Ledger, RecordTogether, Rows } from '../../src/lib/upload/ports.ts';
import { parseRow, ROW_SCHEMA } from '../../src/lib/upload/row.ts';
import { createMemoryGrants, type MemoryGrants } from './memory-grants.ts';

/** What a row holds may be anything: a test can put there what no version of this code wrote. */
type Row = { upload: Upload; schema?: number; worker?: string; leaseEndsAt?: number };

function read({ upload, schema = ROW_SCHEMA }: Row): Upload {
  return parseRow({ ...upload, schema });
}

function toRows(rows: readonly Row[]): Rows {
  const uploads: Upload[] = [];
  const unreadable: UnreadableRow[] = [];
  for (const row of rows) {
    try {
      uploads.push(read(row));
    } catch (error) {
      unreadable.push(error as UnreadableRow);
    }
  }
  return { uploads, unreadable };
}

/** The ledger in memory, held to the same contract suite as the one on DynamoDB. `rows` is for assertions. */
export function createMemoryLedger(
  grants: MemoryGrants = createMemoryGrants(),
): Ledger & { readonly rows: Map<string, Row>; readonly recordTogether: RecordTogether } {
  const rows = new Map<string, Row>();
  const isAsSeen = (seen: Upload) => {
    const now = rows.get(seen.id)?.upload;
    return now?.state === seen.state && now.epoch === seen.epoch;
  };

  return {
    rows,
    async record(upload, from) {
      const taken = rows.get(upload.id);
      if (taken) return { created: false, upload: taken.upload };
      if (from && upload.reserved !== undefined) grants.take(from, upload.reserved, upload.createdAt);
      rows.set(upload.id, { upload });
      return { created: true, upload };
    },

    async recordTogether(recordings) {
      if (recordings.some(({ upload }) => rows.has(upload.id))) return false;
      const [grantsBefore, talliesBefore] = [new Map(grants.rows), new Map(grants.tallies)];
      try {
        for (const { upload, from } of recordings)
          if (from && upload.reserved !== undefined) grants.take(from, upload.reserved, upload.createdAt);
      } catch {
        for (const [id, grant] of grantsBefore) grants.rows.set(id, grant);
        grants.tallies.clear();
        for (const [id, tally] of talliesBefore) grants.tallies.set(id, tally);
        return false;
      }
      for (const { upload } of recordings) rows.set(upload.id, { upload });
      return true;
    },

    async read(id) {
      const row = rows.get(id);
      return row && read(row);
    },

    async readMany(ids) {
      const wanted = [...new Set(ids)];
      return {
        ...toRows(wanted.flatMap((id) => rows.get(id) ?? [])),
        missing: wanted.filter((id) => !rows.has(id)),
      };
    },

    async list({ tenant, subject, reference, state, isWanted = () => true, limit, cursor }) {
      const found = toRows([...rows.values()].filter(({ upload }) => upload.tenant === tenant));
      const listed = found.uploads
        .filter(
          (upload) =>
            (subject === undefined || upload.subject === subject) &&
            (reference === undefined || upload.reference === reference),
        )
        .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
      const last = cursor === undefined ? -1 : listed.findIndex(({ id }) => id === cursor);
      if (cursor !== undefined && last < 0) throw new Refusal('cursor_invalid', { field: 'cursor' });
      const page = listed.slice(last + 1, last + 1 + limit);
      const uploads = page.filter(
        (upload) => (state === undefined || upload.state === state) && isWanted(upload),
      );
      const end = page.at(-1);
      return {
        uploads,
        unreadable: found.unreadable,
        ...(page.length === limit && end && { cursor: end.id }),
      };
    },

    async claim(
      id,
      { key, versionId, worker, now, leaseEndsAt, dueAt, dueBetween: [from, to] = [dueAt, dueAt] },
    ) {
      const row = rows.get(id);
      if (row?.upload.key !== key) return { kind: 'unknown' };
      const { state } = read(row);
      if (isWaiting(state)) return { kind: 'waiting', upload: row.upload };
      if (isSettled(state)) return { kind: 'settled', upload: row.upload };
      if (state === 'verifying' && (row.leaseEndsAt ?? 0) >= now) {
        return { kind: row.worker === worker ? 'claimed' : 'busy', upload: row.upload };
      }
      const pinned = row.upload.versionId ?? versionId;
      const { dueAt: before = 0 } = row.upload;
      const upload: Upload = {
        ...row.upload,
        state: 'verifying',
        epoch: row.upload.epoch + 1,
        dueAt: before >= from && before <= to ? before : dueAt,
        ...(pinned !== undefined && { versionId: pinned }),
      };
      rows.set(id, { upload, worker, leaseEndsAt });
      return { kind: 'claimed', upload };
    },

    async move(seen, to, { dueAt, forgetAt, detail, ...changes }) {
      const row = rows.get(seen.id);
      if (!row || !isAsSeen(seen)) {
        return { moved: row?.upload.state === to && row.upload.epoch === seen.epoch, upload: row?.upload };
      }
      const settlement = toSettlement(row.upload, to, changes.evidence);
      for (const refund of settlement?.refunds ?? []) grants.giveBack(refund);
      const { dueAt: seenDueAt, reserved, counters: before, detail: seenDetail, ...rest } = row.upload;
      const counters = settlement?.counters ?? before ?? [];
      const nextDetail = detail === undefined ? seenDetail : detail;
      const nextDueAt = dueAt === undefined ? seenDueAt : dueAt;
      const upload: Upload = {
        ...rest,
        ...changes,
        ...(reserved !== undefined && settlement === undefined && { reserved }),
        ...(counters.length > 0 && { counters }),
        state: to,
        ...(typeof nextDetail === 'string' && { detail: nextDetail }),
        ...(typeof nextDueAt === 'number' && { dueAt: nextDueAt }),
      };
      rows.set(seen.id, { upload });
      return { moved: true, upload };
    },

    async recordScan(seen, scanner, scan, { inspection, dueAt } = {}) {
      const row = rows.get(seen.id);
      if (row === undefined) return { recorded: false, upload: undefined };
      const upload = read(row);
      const [before, now] = [seen.scans?.[scanner], upload.scans?.[scanner]];
      const isUnchanged = now?.outcome === before?.outcome && now?.attempt === before?.attempt;
      if (upload.state !== 'scanning' || upload.epoch !== seen.epoch || !isUnchanged) {
        const isOwn =
          upload.epoch === seen.epoch &&
          now?.at === scan.at &&
          now.outcome === scan.outcome &&
          now.attempt === scan.attempt;
        return { recorded: isOwn, upload };
      }
      const after: Upload = {
        ...upload,
        scans: { ...upload.scans, [scanner]: scan },
        ...(inspection && { inspection }),
        ...(dueAt !== undefined && { dueAt }),
      };
      rows.set(seen.id, { ...row, upload: after });
      return { recorded: true, upload: after };
    },

    async share(seen, readers) {
      const row = rows.get(seen.id);
      if (row === undefined) return { shared: false, upload: undefined };
      const before = read(row);
      const readersRevision = (seen.readersRevision ?? 0) + 1;
      if (isEnded(before.state) || before.readersRevision !== seen.readersRevision) {
        const isOwn = before.readersRevision === readersRevision && before.readers === readers;
        return { shared: isOwn, upload: before };
      }
      const upload: Upload = { ...before, readers, readersRevision };
      rows.set(seen.id, { ...row, upload });
      return { shared: true, upload };
    },

    async postpone(seen, dueAt) {
      const row = rows.get(seen.id);
      if (!row || !isAsSeen(seen)) return;
      const { dueAt: _seen, ...rest } = row.upload;
      rows.set(seen.id, { ...row, upload: dueAt === null ? rest : { ...rest, dueAt } });
    },

    async renew(upload, { leaseEndsAt, dueAt }) {
      const row = rows.get(upload.id);
      if (!row || !isAsSeen(upload)) return false;
      const isDueLater = upload.dueAt !== undefined && upload.dueAt >= dueAt;
      rows.set(upload.id, { ...row, leaseEndsAt, upload: { ...row.upload, ...(!isDueLater && { dueAt }) } });
      return true;
    },

    async begin(seen, by) {
      const row = rows.get(seen.id);
      if (!row || !isAsSeen(seen)) return false;
      const { beginsAt, ...rest } = row.upload;
      if (rest.multipart !== undefined || beginsAt === undefined || beginsAt !== seen.beginsAt) return false;
      rows.set(seen.id, { ...row, upload: { ...rest, ...by } });
      return true;
    },

    async explain(seen, detail) {
      const row = rows.get(seen.id);
      if (row && isAsSeen(seen)) rows.set(seen.id, { ...row, upload: { ...row.upload, detail } });
    },

    async release(seen, versionId) {
      const row = rows.get(seen.id);
      if (!row || !isAsSeen(seen)) return;
      const upload = { ...row.upload, ...(versionId !== undefined && { versionId }) };
      rows.set(seen.id, { ...row, upload, leaseEndsAt: 0 });
    },

    dueShards: DUE_SHARDS,

    async *due(shard, now) {
      let last = { dueAt: Number.NEGATIVE_INFINITY, id: '' };
      for (;;) {
        const isBehind = (dueAt: number, id: string) =>
          dueAt > last.dueAt || (dueAt === last.dueAt && id > last.id);
        const page = [...rows]
          .map(([id, row]) => ({ id, row, dueAt: row.upload.dueAt ?? Number.POSITIVE_INFINITY }))
          .filter(({ id, dueAt }) => shardOf(id) === shard && dueAt <= now && isBehind(dueAt, id))
          .toSorted((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1))
          .slice(0, PAGE_ROWS);
        const end = page.at(-1);
        if (end === undefined) return;
        last = end;
        yield toRows(page.map(({ row }) => row));
      }
    },
  };
}

const DUE_SHARDS: readonly string[] = [...'0123456789abcdef'];
const PAGE_ROWS = 100;

function shardOf(id: string): string {
  return DUE_SHARDS[(id.codePointAt(id.length - 1) ?? 0) % DUE_SHARDS.length] ?? '0';
}
