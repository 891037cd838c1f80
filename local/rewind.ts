import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from './folders.ts';

/** What is read of the state that MiniStack keeps for Lambda. Keys are account, region and mapping. */
type LambdaState = {
  readonly payload?: {
    readonly dynamodb_stream_positions?: { readonly data?: Record<string, number> };
  };
};

/**
 * Lets functions that follow a table's stream follow it again on a stack that was kept. MiniStack keeps how
 * many records of the stream each of them has read, but not the records: the stream begins anew and is
 * counted from 0 again. Without this as many changes as were read before would be passed over, silently.
 * Safe to run again; nothing is repeated, because the records that were read are gone.
 */
export async function rewindStreams(folders: Folders): Promise<void> {
  const file = join(folders.state, 'lambda.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined; // nothing was kept
    throw error;
  });
  if (text === undefined) return;
  const state: LambdaState = JSON.parse(text);
  const positions = state.payload?.dynamodb_stream_positions?.data ?? {};
  const mappings = Object.keys(positions);
  if (mappings.length === 0) return;
  // Set, not removed: without a position a mapping that starts at LATEST would pass over the first batch.
  for (const mapping of mappings) positions[mapping] = 0;
  await writeFile(file, JSON.stringify(state));
}
