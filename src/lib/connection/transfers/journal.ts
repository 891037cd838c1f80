import { type FileHandle, open, readFile, rm } from 'node:fs/promises';

/** What a partial download was of; a resumed one must be of the same. */
export interface JournalHeader {
  readonly etag: string;
  readonly bytes: number;
  readonly ranges: number;
}

/** The list of ranges that are safely in the partial file, kept in a file beside it. */
export interface Journal extends AsyncDisposable {
  /** Ranges of an earlier try. */
  readonly done: ReadonlySet<number>;
  readonly add: (index: number) => Promise<void>;
}

/**
 * Opens the journal of a partial download. One about another object, or cut otherwise, is begun anew: its ranges are void.
 * Lines are appended one by one, so that a process may die at any moment; a last line that was cut off counts for nothing.
 */
export async function openJournal(path: string, header: JournalHeader): Promise<Journal> {
  const first = `${JSON.stringify(header)}\n`;
  const known = await readFile(path, 'utf8').catch(() => '');
  const isSame = known.startsWith(first);
  const lines = isSame ? known.slice(first.length).split('\n').slice(0, -1) : [];
  const file: FileHandle = await open(path, isSame ? 'a' : 'w');
  if (!isSame) await file.write(first);
  return {
    done: new Set(lines.map(Number)),
    async add(index) {
      await file.write(`${index}\n`);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Removes a journal, if there is one. */
export async function removeJournal(path: string): Promise<void> {
  await rm(path, { force: true });
}
