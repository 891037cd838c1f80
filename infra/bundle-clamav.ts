// npm run build:clamav: bundles scan-with-clamav for its image, as serverless bundles every function.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'containers', 'clamav', 'dist');

// Plugins of serverless are CommonJS.
const lateModules: () => Plugin = createRequire(import.meta.url)('./late-modules.cjs');

type Settings = BuildOptions & { readonly lineLimit: number };

/** The settings of esbuild in serverless.yml that are esbuild's own. */
function readSettings(): Settings {
  const { custom } = parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), { logLevel: 'error' });
  const { plugins: _, exclude, concurrency, zipConcurrency, ...settings } = custom.esbuild;
  return settings;
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
// Below this project, whose package.json makes every .js an ES module; in the image nothing is above it.
writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
const { metafile } = await build({
  ...readSettings(),
  absWorkingDir: root,
  entryPoints: ['src/handlers/scan-with-clamav.ts'],
  outfile: join(folder, 'scan-with-clamav.js'),
  platform: 'node',
  plugins: [lateModules()],
  metafile: true,
});
const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
console.log(`containers/clamav/dist: ${Math.round(bytes / 1024)} KiB`);
