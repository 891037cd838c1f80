import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settleStores } from '../../src/lib/aws/settle-stores.ts';
import { type Page, toPage } from '../../src/lib/page/page.ts';
import { createEnvironment } from '../../src/lib/settings.ts';

/**
 * The console, built into a folder of its own: other tests build it at the same time. The folder goes with
 * this process.
 */
export function buildConsole(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-console-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  execFileSync(process.execPath, ['infra/bundle-console.cjs', folder]);
  return folder;
}

/** The console in a folder, as a stack with these variables serves it. */
export function readPage(folder: string, variables: Readonly<Record<string, string>>): Page {
  const environment = createEnvironment(variables);
  return toPage(environment, folder, settleStores(environment).publicSettings);
}
