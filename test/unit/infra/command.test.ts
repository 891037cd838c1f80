import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../../local/folders.ts';
import manifest from '../../../package.json' with { type: 'json' };

const run = promisify(execFile);

/** The commands on a stage, by their names in package.json. */
const COMMANDS = Object.entries(manifest.scripts).flatMap(([name, script]) => {
  const [, path] = /node (infra\/\S+\/main\.ts)$/.exec(script) ?? [];
  return path === undefined ? [] : [{ name, path }];
});

function call(path: string, ...options: readonly string[]) {
  return run(process.execPath, [join(projectRoot, path), ...options]).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

test('there are commands', () => {
  expect(COMMANDS.map(({ name }) => name)).toContain('migrate');
});

describe.each(COMMANDS)('npm run $name', ({ name, path }) => {
  test('says how it is used', async () => {
    const { code, stdout } = await call(path, '--help');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`npm run ${name} -- `) });
  });

  test.each([
    ['a stage', []],
    ['an option that it has', ['--stage', 'dev', '--stagee', 'prod']],
  ])('does nothing without %s', async (_what, options) => {
    const { code, stdout, stderr } = await call(path, ...options);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`Usage: npm run ${name} -- `);
  });
});
