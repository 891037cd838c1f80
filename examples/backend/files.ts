// The app's own table of files: a row for each accepted upload, however often it hears of it.
import { DatabaseSync } from 'node:sqlite';
import type { UploadEvent } from '@sluice/contract';

/** What a webhook brings: the part of an event that it is about. */
export type Notice = Pick<UploadEvent, 'type' | 'data'> & { readonly timestamp: string };

/** A row, as the page shows it. */
export type File = {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** bytes */
  readonly size: number;
  readonly owner: string;
  readonly acceptedAt: string;
};

/** Opens the table in a file of SQLite's, or in memory by the name `:memory:`. */
export function openFiles(path: string) {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS files (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      type TEXT NOT NULL,
      size INTEGER NOT NULL,
      owner TEXT NOT NULL,
      acceptedAt TEXT NOT NULL,
      deletedAt TEXT
    ) STRICT;
  `);
  // One statement each, so that a process that is killed leaves a row or none. A notice may come twice, and
  // those of one upload in any order: a deletion that is heard of first leaves a row that stays deleted.
  const accept = database.prepare(`
    INSERT INTO files (id, name, type, size, owner, acceptedAt) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING
  `);
  const remove = database.prepare(`
    INSERT INTO files (id, name, type, size, owner, acceptedAt, deletedAt) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET deletedAt = coalesce(deletedAt, excluded.deletedAt)
  `);
  const list = database.prepare(`
    SELECT id, name, type, size, owner, acceptedAt FROM files
    WHERE deletedAt IS NULL ORDER BY acceptedAt DESC LIMIT 100
  `);

  return {
    /** Does what a notice says. The second time it changes nothing. */
    take({ type, timestamp, data }: Notice): void {
      const row = [
        data.id,
        data.servedName ?? data.filename,
        data.contentType,
        data.size ?? 0,
        data.subject,
        data.settledAt ?? timestamp,
      ] as const;
      if (type === 'upload.accepted') accept.run(...row);
      if (type === 'upload.deleted') remove.run(...row, timestamp);
    },
    /** The newest hundred. */
    newest(): readonly File[] {
      // Sound: the columns are those of the statement, in a table that takes no other types.
      return list.all() as unknown as readonly File[];
    },
    close(): void {
      database.close();
    },
  };
}
