import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../local/folders.ts';
import { Obstacle, tailOf } from '../../local/obstacle.ts';
import { type Engine, KEYS } from './engine.ts';

const run = promisify(execFile);

const VERSION = 'v1.8.0';
/** The oldest Go that builds it, by its go.mod. */
const OLDEST_GO = [1, 25] as const;

const folder = join(projectRoot, '.sluice', 'versitygw');
const binary = join(folder, 'versitygw');
const receipt = join(folder, 'installed.txt');

/** versitygw, an S3 gateway in Go that keeps objects as files. It checks every signature. */
export const versitygw: Engine = {
  name: 'versitygw',
  speaksDynamoDB: false,
  isInstalled: async () => (await readFile(receipt, 'utf8').catch(() => '')) === VERSION,
  install: async () => {
    const problem = explainNoGo(await findGo());
    if (problem !== undefined) throw new Obstacle(problem);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    try {
      // The module's hash is compared with the public log of hashes, unless this machine's Go is told
      // otherwise.
      const env = { ...process.env, GOBIN: folder, CGO_ENABLED: '0' };
      await run('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], { env });
    } catch (error) {
      const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
      throw new Obstacle(`go install said:\n${tailOf(output)}`);
    }
    await writeFile(receipt, VERSION); // last, so that an installation cut short is made anew
  },
  launch: async (port, data, options = []) => {
    const folders = ['root', 'versions', 'users', 'metadata'].map((name) => join(data, name));
    for (const one of folders) await mkdir(one);
    const [root = '', versions = '', users = '', metadata = ''] = folders;
    const backend = ['posix', '--versioning-dir', versions];
    // Metadata go beside the files where the file system has no extended attributes.
    const sidecar = (await hasAttributes(data)) ? [] : ['--sidecar', metadata];
    return {
      command: binary,
      args: [
        ...[
          '--port',
          `127.0.0.1:${port}`,
          '--quiet',
          '--iam-dir',
          users,
          '--virtual-domain',
          `s3.localhost:${port}`,
        ],
        ...options,
        ...['--access', KEYS.accessKeyId, '--secret', KEYS.secretAccessKey],
        ...[...backend, ...sidecar, root],
      ],
      env: { PATH: process.env.PATH, HOME: data },
    };
  },
};

/** The version of the Go on the PATH, such as `1.26`; undefined when there is none. */
async function findGo(): Promise<string | undefined> {
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION']);
    return /^go(\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** Why versitygw cannot be built with this Go; undefined when it can. */
export function explainNoGo(version: string | undefined): string | undefined {
  const [oldestMajor, oldestMinor] = OLDEST_GO;
  const wanted = `${oldestMajor}.${oldestMinor}`;
  if (version === undefined) return `There is no Go on the PATH; it takes ${wanted} or newer to build it.`;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNewEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  return isNewEnough ? undefined : `Go ${version} is too old; it takes ${wanted} or newer to build it.`;
}

/** Whether the file system keeps extended attributes: Python can ask, Node cannot. */
async function hasAttributes(path: string): Promise<boolean> {
  try {
    await run('python3', ['-c', 'import os, sys; os.setxattr(sys.argv[1], "user.sluice", b"1")', path]);
    return true;
  } catch {
    return false;
  }
}
