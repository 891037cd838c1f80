// The types of what is published: what the compiler says of each module that an entry leads to, in a tree of
// its own.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Has the compiler write the declarations of all packages into a folder. Rejects with what it says when it
 * finds fault.
 */
export async function writeDeclarations(folder: string): Promise<void> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', join(root, 'packages', 'tsconfig.published.json'), '--outDir', folder];
  await promisify(execFile)(process.execPath, args).catch(({ stdout }) => {
    throw new Error(`The packages do not compile for the oldest Node that they are for:\n${stdout}`);
  });
}

/** A module of a package, as `client/api`. */
type Module = string;

const SPECIFIER = /(?<=\bfrom |\bimport\()(['"])(\.[^'"]*|@sluice\/[^'"]*)\1/g;

/**
 * Copies what the entries of a package need of the compiler's declarations, and nothing else, to
 * `to/<package>/`. What they name of another package of this repository comes along, so that none has to be
 * installed.
 */
export async function collectDeclarations(
  from: string,
  { entries, to }: { readonly entries: readonly Module[]; readonly to: string },
): Promise<void> {
  const found = new Set(entries);
  for (const module of found) {
    const text = await readFile(`${join(from, 'packages', module.replace('/', '/src/'))}.d.ts`, 'utf8');
    const written = text.replace(SPECIFIER, (_all, quote: string, specifier: string) => {
      const target = toModule(specifier, module);
      found.add(target);
      const path = relative(dirname(module), target);
      return `${quote}${path.startsWith('.') ? path : `./${path}`}.js${quote}`;
    });
    const path = join(to, `${module}.d.ts`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, written);
  }
}

function toModule(specifier: string, importer: Module): Module {
  if (specifier.startsWith('.')) return join(dirname(importer), specifier).replace(/\.ts$/, '');
  return specifier.replace('@sluice/', '');
}
