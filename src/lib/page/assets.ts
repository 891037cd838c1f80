import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ConsoleConfig } from '@sluice/contract/sign-in';

/** One file of the console, ready to be sent. */
export type Asset = {
  readonly contentType: string;
  readonly text: string;
  /** the same text, gzipped, in base64 */
  readonly gzipped: string;
  readonly etag: string;
};

/** The page, and by name every file that it may ask for. Nothing else is ever served. */
export type Assets = { readonly page: Asset; readonly files: ReadonlyMap<string, Asset> };

const FILES = [
  ['console.js', 'text/javascript; charset=utf-8'],
  ['console.css', 'text/css; charset=utf-8'],
  // Uppy, which the page asks for once somebody has signed in
  ['dashboard.js', 'text/javascript; charset=utf-8'],
  ['dashboard.css', 'text/css; charset=utf-8'],
  ['icon.svg', 'image/svg+xml'],
] as const;

/**
 * Reads the built console from its folder, and adds the configuration.
 * @throws when a file is missing: a deployment without its page should fail at once, not at the first visit
 */
export function readAssets(folder: string, config: ConsoleConfig): Assets {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return {
    page: toAsset('text/html; charset=utf-8', read('index.html')),
    files: new Map([
      ...FILES.map(([name, contentType]) => [name, toAsset(contentType, read(name))] as const),
      ['config.json', toAsset('application/json', JSON.stringify(config))],
    ]),
  };
}

function toAsset(contentType: string, text: string): Asset {
  return {
    contentType,
    text,
    gzipped: gzipSync(text).toString('base64'),
    // Weak, because one tag stands for both encodings.
    etag: `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`,
  };
}
