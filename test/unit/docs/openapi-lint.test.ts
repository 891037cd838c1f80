import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');

type Report = { readonly problems: readonly { readonly ruleId: string; readonly message: string }[] };

/** What Redocly's recommended rules find in a file. The linter asks nobody on the network. */
async function lint(file: string): Promise<string[]> {
  const cli = join(root, 'node_modules', '@redocly', 'cli', 'bin', 'cli.js');
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const args = [cli, 'lint', file, '--extends=recommended', '--format=json', '--max-problems=1000'];
  // It exits with 1 where it finds an error.
  const { stdout } = await run(process.execPath, args, { cwd: root, env }).catch(
    (error: { stdout: string }) => error,
  );
  const report = JSON.parse(stdout) as Report;
  return report.problems.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

// A comma in a flow mapping had cut three descriptions in half, and YAML had read the rest as properties.
test('docs/openapi.yaml breaks no rule of OpenAPI, nor any that Redocly recommends', {
  timeout: 60_000,
}, async () => {
  expect(await lint('docs/openapi.yaml')).toEqual([]);
});

test('docs/events.asyncapi.yaml breaks no rule of AsyncAPI, nor any that Redocly recommends', {
  timeout: 60_000,
}, async () => {
  expect(await lint('docs/events.asyncapi.yaml')).toEqual([]);
});
