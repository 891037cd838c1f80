// An example, started as its README says, and a visitor to its page.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { projectRoot } from '../../local/folders.ts';
import { findFreePort } from '../../local/port.ts';

type Description = Readonly<Record<string, unknown>> & { readonly apiUrl: string };

export type Example = AsyncDisposable & {
  readonly url: string;
  /** Writes the stack file that the example looks at, as `npm start` does once it is deployed. */
  readonly describe: (stack: Description) => Promise<void>;
  readonly stack: () => Promise<Description>;
};

const ANSWERS_WITHIN_MS = 60_000;

/** `npm start -w examples/<name>` on a port of its own, against the stack that `stackFile` describes. */
export async function startExample(
  name: 'react' | 'uppy' | 'fastify' | 'backend' | 'sessions' | 'scanner',
  stack: Description | undefined,
  given?: { readonly port: number },
): Promise<Example> {
  const port = given?.port ?? (await findFreePort());
  const folder = await mkdtemp(join(tmpdir(), 'sluice-example-'));
  const stackFile = join(folder, 'stack.json');
  const describe = (described: Description) => writeFile(stackFile, JSON.stringify(described));
  if (stack !== undefined) await describe(stack);
  // Vite takes its port from the command line, the backends from the environment.
  const isOnVite = name === 'react' || name === 'uppy';
  const args = isOnVite ? ['--', '--port', String(port), '--strictPort'] : [];
  const child = spawn('npm', ['start', '-w', `examples/${name}`, ...args], {
    cwd: projectRoot,
    env: {
      ...env,
      SLUICE_STACK: stackFile,
      PORT: String(port),
      KEY_FILE: join(folder, 'key.json'),
      DATABASE: join(folder, 'files.db'),
    },
    detached: true, // a group of its own, npm and what it starts
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const stop = async () => {
    const runs = child.exitCode === null && child.signalCode === null; // stopping twice is stopping once
    if (child.pid !== undefined && runs) process.kill(-child.pid, 'SIGTERM');
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + ANSWERS_WITHIN_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error(`examples/${name} did not start:\n${output}`);
    }
    await delay(100);
  }
  return {
    url,
    describe,
    stack: async () => JSON.parse(await readFile(stackFile, 'utf8')),
    [Symbol.asyncDispose]: stop,
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false; // not listening yet
  }
}

export type Guest = AsyncDisposable & {
  readonly page: Page;
  /** what the browser complained about so far */
  readonly complaints: string[];
  /** the row of a file, by its name */
  readonly row: (name: string) => ReturnType<Page['locator']>;
  readonly pick: (...files: readonly Picked[]) => Promise<void>;
  readonly pickPath: (path: string) => Promise<void>;
  /** Writes a picture into the folder that SLUICE_SCREENSHOTS names, where it names one. */
  readonly shoot: (name: string) => Promise<void>;
};

export type Picked = { readonly name: string; readonly mimeType: string; readonly buffer: Buffer };

export async function visitExample(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Guest> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return {
    page,
    complaints,
    row: (name) => page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) }),
    pick: (...files) =>
      page
        .locator('input[type=file]')
        .first()
        .setInputFiles([...files]),
    pickPath: (path) => page.locator('input[type=file]').first().setInputFiles(path),
    shoot: async (name) => {
      const folder = env.SLUICE_SCREENSHOTS;
      if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** A picture that a browser shows, as large as it is. */
export async function pictureOf(page: Page, name: string): Promise<Picked> {
  return { name, mimeType: 'image/png', buffer: await page.screenshot() };
}

/** A page that calls itself a picture. */
export function disguised(name: string): Picked {
  const buffer = Buffer.from('<!doctype html><title>hello</title><script>alert(1)</script>');
  return { name, mimeType: 'image/png', buffer };
}

/** A table of at least this many bytes. */
export function tableOf(name: string, bytes: number): Picked {
  const line = 'harbour,2026-11-26T18:00:00Z,11.4\n';
  return {
    name,
    mimeType: 'text/csv',
    buffer: Buffer.from(line.repeat(Math.ceil(bytes / line.length))),
  };
}

/** Puts a file on disk until the test ends, where it keeps its time of change. Returns its path. */
export async function writeDown({ name, buffer }: Picked): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-picked-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, name), buffer);
  return join(folder, name);
}

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

/** What axe finds at fault in a page, one line per rule and place. */
export async function findFaults(page: Page, within = 'body'): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async (selector) => {
    type Violation = { id: string; nodes: { target: string[]; failureSummary?: string }[] };
    // Defined by the line above.
    const { axe } = window as unknown as { axe: { run(on: string): Promise<{ violations: Violation[] }> } };
    const { violations } = await axe.run(selector);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
  }, within);
}
