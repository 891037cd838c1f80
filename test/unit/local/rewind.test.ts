import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { foldersIn } from '../../../local/folders.ts';
import { rewindStreams } from '../../../local/rewind.ts';

const PUBLISH = "000000000000\u0000us-east-1\u0000'ba3449b9-b88c-4aa1-94d6-9d9f92235fec'";
const OTHER = "000000000000\u0000us-east-1\u0000'0b3c7d06-3f6b-4b0e-9a55-6f1f6b1c2d3e'";

/** Lambda's state as MiniStack 1.5.33 writes it. */
function stateWith(positions: Record<string, number>) {
  return {
    __ministack_format__: 2,
    payload: {
      esms: { __account_region_scoped__: true, data: { [PUBLISH]: { StartingPosition: 'TRIM_HORIZON' } } },
      kinesis_positions: { __account_region_scoped__: true, data: { [OTHER]: { 'shardId-0': 7 } } },
      dynamodb_stream_positions: { __account_region_scoped__: true, data: positions },
    },
  };
}

async function setup() {
  const base = await mkdtemp(join(tmpdir(), 'sluice-rewind-'));
  onTestFinished(() => rm(base, { recursive: true }));
  const folders = foldersIn(base);
  await mkdir(folders.state, { recursive: true });
  const file = join(folders.state, 'lambda.json');
  return { folders, write: (text: string) => writeFile(file, text), read: () => readFile(file, 'utf8') };
}

describe('starting a stack that was kept', () => {
  test('sets every mapping to the beginning of its table’s stream, whose records were not kept, and leaves the rest', async () => {
    const { folders, write, read } = await setup();
    await write(JSON.stringify(stateWith({ [PUBLISH]: 42, [OTHER]: 3 })));
    await rewindStreams(folders);
    expect(JSON.parse(await read())).toEqual(stateWith({ [PUBLISH]: 0, [OTHER]: 0 }));
  });

  test('touches nothing where no function follows a table', async () => {
    const { folders, write, read } = await setup();
    const text = `${JSON.stringify(stateWith({}), undefined, 2)}\n`;
    await write(text);
    await rewindStreams(folders);
    expect(await read()).toBe(text);
  });

  test('makes no state where there is none yet', async () => {
    const { folders } = await setup();
    await rewindStreams(folders);
    expect(await readdir(folders.state)).toEqual([]);
  });
});
