// The code of a thread is a bundle beside the function's, to which the function finds its way.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { bundleEntry } from '../../../bench/functions.ts';
import { INSPECTION_LIMITS } from '../../../src/lib/inspect/file.ts';

test('the thread of inspect-uploads is packed beside it, and answers', async () => {
  const { file, late } = await bundleEntry('inspect-uploads', 'src/handlers/inspect-uploads.ts');
  expect([...late.keys()]).toEqual(['inspect-uploads.worker']);
  const name = 'inspect-uploads.worker.cjs';
  const bundle = readFileSync(file, 'utf8');
  expect(bundle).toContain(`__dirname,"${name}"`);
  expect(bundle).not.toContain('import.meta');
  const worker = new Worker(join(dirname(file), name), {
    workerData: { file: { size: 0, type: 'video/mp4', name: basename(file) }, limits: INSPECTION_LIMITS },
    env: {},
  });
  const answer = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
  expect(answer).toEqual({ ask: 'done', looked: { facts: {} } });
  await worker.terminate();
});
