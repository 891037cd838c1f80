import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../local/folders.ts';
import { Obstacle } from '../../local/obstacle.ts';
import { hasPackages, installPackages, pythonOf } from '../../local/packages.ts';
import { findPythons } from '../../local/python.ts';

const environment = {
  name: 'schemathesis',
  folder: join(projectRoot, '.sluice', 'schemathesis'),
  requirements: join(import.meta.dirname, 'requirements.txt'),
};

/** What schemathesis itself demands, which is newer than what MiniStack does. */
const OLDEST_MINOR = 11;

/**
 * Installs the fuzzer into a folder of this project, unless it is there already.
 * @throws Obstacle on a machine without a Python that it runs on: nothing would have been tried, and nothing
 * would say so
 */
export async function installSchemathesis(): Promise<void> {
  if (await hasPackages(environment, ['schemathesis'])) return;
  const python = (await findPythons()).find(({ version, hasVenv }) => {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    return hasVenv && (major > 3 || (major === 3 && minor >= OLDEST_MINOR));
  });
  if (python === undefined) {
    throw new Obstacle(`The fuzzer needs Python 3.${OLDEST_MINOR} or newer with its venv module.`);
  }
  await installPackages(environment, python);
}

export type Fuzzed = {
  /** how many requests were made */
  readonly requests: number;
  /** what it found, as it says it; empty when every answer was as described */
  readonly findings: string;
};

// What an answer is held to. Which requests should have been refused is not for a schema to say: that a
// file's extension belongs to its type, or a part number to its upload, stands in no OpenAPI file.
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
];

/**
 * Makes requests of every kind to a deployed API, legal and illegal, and holds each answer to the OpenAPI
 * file.
 * @param examples how many random requests to make of each operation, beside those that its schema's edges
 * suggest
 */
export async function fuzz(
  spec: object,
  { url, token, examples, seed }: { url: string; token: string; examples: number; seed: number },
): Promise<Fuzzed> {
  const folder = join(projectRoot, '.sluice', `fuzz-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(spec));
    const options: Readonly<Record<string, string>> = {
      '--url': url,
      '--header': `Authorization: Bearer ${token}`,
      '--phases': 'examples,coverage,fuzzing,stateful',
      '--checks': CHECKS.join(','),
      '--max-examples': String(examples),
      '--seed': String(seed),
      // Two threads that compile expressions at once bring some versions of Python to a SystemError of their
      // own.
      '--workers': '1',
      '--max-redirects': '0', // a download leads to S3
      '--request-timeout': '60',
      '--suppress-health-check': 'all',
      '--warnings': 'off',
    };
    const flags = ['--continue-on-failure', '--no-color'];
    const args = ['-m', 'schemathesis.cli', 'run', file, ...Object.entries(options).flat(), ...flags];
    const child = spawn(pythonOf(environment), args, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, PYTHONIOENCODING: 'utf-8' },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    const [code] = await once(child, 'close');
    const requests = Number(/^\s*(\d+) generated/m.exec(said)?.[1] ?? 0);
    return { requests, findings: code === 0 ? '' : said };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
