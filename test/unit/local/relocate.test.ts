import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { foldersIn } from '../../../local/folders.ts';
import { relocateState } from '../../../local/relocate.ts';

async function setup() {
  const base = await mkdtemp(join(tmpdir(), 'sluice-relocate-'));
  onTestFinished(() => rm(base, { recursive: true }));
  const folders = foldersIn(base);
  await mkdir(folders.state, { recursive: true });
  const file = join(folders.state, 'sqs.json');
  return { folders, write: (text: string) => writeFile(file, text), read: () => readFile(file, 'utf8') };
}

describe('moving a kept stack to another port', () => {
  test('rewrites the address wherever MiniStack wrote it', async () => {
    const { folders, write, read } = await setup();
    await relocateState(folders, '127.0.0.1:4566');
    await write('{"url": "http://127.0.0.1:4566/000000000000/arrivals", "env": "127.0.0.1:4566"}');
    await relocateState(folders, '127.0.0.1:5000');
    expect(await read()).toBe(
      '{"url": "http://127.0.0.1:5000/000000000000/arrivals", "env": "127.0.0.1:5000"}',
    );
  });

  test('leaves alone a port that merely begins with the old one', async () => {
    const { folders, write, read } = await setup();
    await relocateState(folders, '127.0.0.1:456');
    await write('"127.0.0.1:4566"');
    await relocateState(folders, '127.0.0.1:5000');
    expect(await read()).toBe('"127.0.0.1:4566"');
  });

  test('touches nothing when the port is the same as before', async () => {
    const { folders, write, read } = await setup();
    await relocateState(folders, '127.0.0.1:4566');
    await write('"127.0.0.1:4566"');
    await relocateState(folders, '127.0.0.1:4566');
    expect(await read()).toBe('"127.0.0.1:4566"');
  });
});
