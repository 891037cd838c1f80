// A page of another origin than the API's and S3's, with the client in it.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { createBatchClient } from '@sluice/client/batch';
import type { createClient } from '@sluice/client/client';
import type { createUploader } from '@sluice/client/uploader';
import type { rememberIn } from '@sluice/client/web-storage';
import { build } from 'esbuild';

declare global {
  /** the bundle, as the page sees it */
  var sluice: {
    createUploader: typeof createUploader;
    createClient: typeof createClient;
    createBatchClient: typeof createBatchClient;
    rememberIn: typeof rememberIn;
  };
}

const ENTRY = `
  export { createUploader } from './uploader.ts';
  export { createBatchClient } from './batch.ts';
  export { createClient } from './client.ts';
  export { rememberIn } from './web-storage.ts';
`;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: ENTRY,
      resolveDir: fileURLToPath(new URL('../../packages/client/src', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'sluice',
    platform: 'browser',
    target: 'es2022',
  });
  return outputFiles.map(({ text }) => text).join('');
}

/** Serves the page until it is stopped. */
export async function servePage(body = ''): Promise<{ url: string; stop: () => Promise<unknown> }> {
  const script = await bundle();
  const server = createServer((request, response) => {
    const isScript = request.url === '/sluice.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : `<!doctype html><script src="/sluice.js"></script>${body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
