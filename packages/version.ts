// npm run version-packages: turns the changesets into versions and changelogs of the packages. Service and
// packages have one version, so the new one is then written wherever else it is stated;
// test/unit/version.test.ts names any that is left.
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

// The code has a copy of its own: importing package.json would bundle all of it.
const MODULES = globSync('{src/lib,packages/*/src}/version.ts', { cwd: root });

const STATED: readonly (readonly [file: string, place: RegExp, write: (version: string) => string])[] = [
  ['package.json', /"version": ".+"/, (version) => `"version": "${version}"`],
  ['packages/console/package.json', /"version": ".+"/, (version) => `"version": "${version}"`],
  ['src/lib/version.ts', /VERSION = '.+'/, (version) => `VERSION = '${version}'`],
  ['docs/openapi.yaml', /^ {2}version: .+$/m, (version) => `  version: ${version}`],
  ...MODULES.map((file) => [file, /VERSION = '.+'/, (version: string) => `VERSION = '${version}'`] as const),
];

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { cwd: root, stdio: 'inherit' });
}

run('changeset', 'version');
const { version } = JSON.parse(readFileSync(join(root, 'packages/contract/package.json'), 'utf8'));
for (const [file, place, write] of STATED) {
  const text = readFileSync(join(root, file), 'utf8');
  if (!place.test(text)) throw new Error(`${file} states no version where packages/version.ts looks for it.`);
  writeFileSync(join(root, file), text.replace(place, write(version)));
}
run('npm', 'install', '--package-lock-only', '--ignore-scripts');
