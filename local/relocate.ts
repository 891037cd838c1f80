import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from './folders.ts';

/**
 * Lets a stack that was kept on one port come up on another. MiniStack writes its own address into what it
 * keeps: a queue's URL is the queue's identity, and functions hold it in their environment. Without this they
 * would go on calling the old port.
 */
export async function relocateState(folders: Folders, address: string): Promise<void> {
  const addressFile = join(folders.data, 'address');
  const before = await readFile(addressFile, 'utf8').catch(() => address);
  if (before !== address) {
    for (const name of await readdir(folders.state)) {
      if (name.endsWith('.json')) await replaceIn(join(folders.state, name), before, address);
    }
  }
  await writeFile(addressFile, address);
}

async function replaceIn(file: string, before: string, after: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  // `(?!\d)`: port 456 is not the beginning of port 4566.
  const replaced = text.replace(new RegExp(`${before.replaceAll('.', '\\.')}(?!\\d)`, 'g'), after);
  if (replaced !== text) await writeFile(file, replaced);
}
