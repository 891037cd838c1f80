import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The oldest Python that MiniStack supports. */
export const OLDEST_PYTHON = [3, 10] as const;

/** One interpreter of this machine: its version, and whether it can make a virtual environment. */
export type Python = { readonly command: string; readonly version: string; readonly hasVenv: boolean };

/** `python3` first: it is the one the machine's owner chose; then the newest. */
const COMMANDS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];

const PROBE = `
import importlib.util as find, platform
print(platform.python_version(), all(find.find_spec(name) for name in ("venv", "ensurepip")))
`;

/** Every Python on the PATH that runs, in order of preference. */
export async function findPythons(): Promise<Python[]> {
  const found = await Promise.all(COMMANDS.map(probePython));
  return found.filter((python) => python !== undefined);
}

async function probePython(command: string): Promise<Python | undefined> {
  try {
    const { stdout } = await run(command, ['-c', PROBE], { timeout: 20_000 });
    const [version = '', hasVenv] = stdout.trim().split(' ');
    return { command, version, hasVenv: hasVenv === 'True' };
  } catch {
    return undefined; // not installed, or a version manager's shim without a version behind it
  }
}

/** The first Python that is new enough and can make a virtual environment. */
export function choosePython(pythons: readonly Python[]): Python | undefined {
  return pythons.find((python) => python.hasVenv && isNewEnough(python.version));
}

/** Why none of these Pythons serves, in words for the person whose machine it is. */
export function explainNoPython(pythons: readonly Python[]): string {
  const wanted = OLDEST_PYTHON.join('.');
  const withoutVenv = pythons.find((python) => isNewEnough(python.version));
  if (withoutVenv) {
    const { command, version } = withoutVenv;
    return `${command} is Python ${version} but lacks its venv module (Debian, Ubuntu: apt-get install python3-venv).`;
  }
  const versions = [...new Set(pythons.map((python) => python.version))];
  return versions.length > 0
    ? `Python ${versions.join(', ')} is too old; MiniStack needs ${wanted} or newer.`
    : `There is no Python ${wanted} or newer on the PATH.`;
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_PYTHON;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
