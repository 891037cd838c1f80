import { copyFile } from 'node:fs/promises';
import { build } from 'esbuild';

await build({
  entryPoints: ['page.js'],
  outdir: 'out/esbuild',
  bundle: true,
  format: 'esm',
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"' },
});
await copyFile('index.html', 'out/esbuild/index.html');
