import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../setup/browser.ts';
import type { Setting } from './driver.ts';

export type Major = 5 | 6;

/** A visitor: a page of an app that has Uppy on it, in a browser profile of its own. */
export type Visit = AsyncDisposable & {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Loads the page anew, as a visitor would who comes back to it. */
  reopen(): Promise<void>;
};

export type Stage = AsyncDisposable & { visit(major: Major, setting: Setting): Promise<Visit> };

async function bundle(major: Major): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`${major}/page.ts`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

/**
 * A browser, and an app that serves pages with either Uppy from an origin of its own, so that CORS counts.
 */
export async function openStage(): Promise<Stage> {
  const scripts = { '/5.js': await bundle(5), '/6.js': await bundle(6) };
  const server = createServer(({ url = '' }, response) => {
    const script = Object.entries(scripts).find(([path]) => path === url)?.[1];
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(
      script ?? `<!doctype html><title>An app</title><script src="${url.slice(0, 2)}.js"></script>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the pages have no port');
  const browser = await launchBrowser();
  return {
    async visit(major, setting) {
      const context = await browser.newContext();
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      const open = async (given: Setting) => {
        await page.goto(`http://127.0.0.1:${address.port}/${major}`);
        await page.evaluate((inPage) => driver.open(inPage), given);
      };
      await open(setting);
      const { atPart: _done, ...again } = setting;
      return { page, context, reopen: () => open(again), [Symbol.asyncDispose]: () => context.close() };
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      server.close();
    },
  };
}
