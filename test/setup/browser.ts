// A real browser for the end-to-end tests, from npm: nothing to install by hand, and the same version
// everywhere.
import { execFile } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arch, env, platform } from 'node:process';
import { promisify } from 'node:util';
import sparticuz, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';
import { projectRoot } from '../../local/folders.ts';
import { withLock } from '../../local/lock.ts';

const run = promisify(execFile);

const folder = join(projectRoot, '.sluice', 'browser');
const libraries = join(folder, 'al2023', 'lib');

const fontsFile = join(folder, 'fonts.conf');

/** Of Chromium's own talk with the outside, what Playwright leaves on. */
const QUIET = ['--disable-quic', '--disable-domain-reliability', '--no-pings', '--disable-gpu'];

/**
 * Starts headless Chromium with all of its web security: CORS and content security policies hold as in a
 * visitor's browser (the package's own flags would turn them off). The caller closes it. The packaged
 * Chromium runs on Linux on x64; elsewhere the installed Chrome is used.
 */
export async function launchBrowser(): Promise<Browser> {
  if (platform !== 'linux' || arch !== 'x64')
    return await chromium.launch({ channel: 'chrome', args: QUIET });
  await withLock(join(projectRoot, '.sluice', 'unpacking-browser'), unpack);
  const executablePath = join(folder, 'chromium');
  const libraryPath = (await lacksLibraries(executablePath)) ? { LD_LIBRARY_PATH: libraries } : {};
  return await chromium.launch({
    executablePath,
    args: QUIET,
    env: { ...env, FONTCONFIG_FILE: fontsFile, ...libraryPath },
  });
}

async function unpack(): Promise<void> {
  const receipt = join(folder, 'unpacked');
  if (await exists(receipt)) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // The package unpacks into the system's temporary folder, where a half-written browser would pass for a
  // whole one.
  const { TMPDIR } = env;
  env.TMPDIR = folder;
  try {
    await sparticuz.executablePath();
    await inflate(join(projectRoot, 'node_modules/@sparticuz/chromium/bin/al2023.tar.br'));
  } finally {
    if (TMPDIR === undefined) delete env.TMPDIR;
    else env.TMPDIR = TMPDIR;
  }
  await writeFile(fontsFile, fontsOf(join(folder, 'fonts')));
  await writeFile(receipt, '');
}

/**
 * A machine may have no fonts at all; the packaged ones come first, so that pages look alike wherever they
 * are tested.
 */
function fontsOf(packaged: string) {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${packaged}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`;
}

/** True on a machine without a desktop's libraries (NSS and others); the package brings a set of them. */
async function lacksLibraries(executable: string): Promise<boolean> {
  const { stdout } = await run('ldd', [executable]);
  return stdout.includes('not found');
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
