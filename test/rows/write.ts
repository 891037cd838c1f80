// node test/rows/write.ts <version>: writes test/rows/<version>.json, the rows of uploads in every state and
// by every transport, as this code writes them to DynamoDB. Released ones never change: they are what is in
// tables.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { foldersIn, projectRoot } from '../../local/folders.ts';
import { startMiniStack } from '../../local/ministack.ts';
import { findFreePort } from '../../local/port.ts';
import { prepareMiniStack } from '../../local/prepare.ts';
import { LIVES } from './lives.ts';
import { UNRELEASED, type WrittenRow } from './read.ts';
import { createRowsWorld } from './world.ts';

async function writeRows(endpoint: string): Promise<readonly Omit<WrittenRow, 'version'>[]> {
  const world = await createRowsWorld(endpoint);
  const rows: Omit<WrittenRow, 'version'>[] = [];
  for (const [shape, live] of Object.entries(LIVES)) {
    const { id } = await live(world);
    rows.push({ shape, item: await world.read(id) });
  }
  return rows;
}

const [, , version = UNRELEASED] = argv;
const folders = foldersIn(join(projectRoot, '.sluice', `rows-${process.pid}`));
const port = await findFreePort();
const { launch } = await prepareMiniStack(folders, port);
const ministack = await startMiniStack(launch, folders, port);
try {
  const rows = await writeRows(ministack.endpoint);
  const file = join(import.meta.dirname, `${version}.json`);
  writeFileSync(file, `${JSON.stringify({ version, rows }, undefined, 2)}\n`);
  console.log(`${rows.length} rows in ${file}`);
} finally {
  await ministack.stop();
}
