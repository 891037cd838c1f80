import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { build } from 'esbuild';

export type Bundle = { readonly file: string; readonly bytes: number };

/**
 * Bundles files as the functions are deployed: one CommonJS file each, minified, ES modules of packages
 * preferred. They lie in a temporary folder, which is removed when this process ends.
 */
export async function bundleFiles(files: readonly string[]): Promise<ReadonlyMap<string, Bundle>> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const bundles = new Map<string, Bundle>();
  for (const file of files) {
    const { name } = parse(file);
    const outfile = join(folder, `${name}.cjs`);
    const { metafile } = await build({
      entryPoints: [file],
      outfile,
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node24',
      format: 'cjs',
      mainFields: ['module', 'main'],
      metafile: true,
      logLevel: 'warning',
    });
    const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
    bundles.set(name, { file: outfile, bytes });
  }
  return bundles;
}
