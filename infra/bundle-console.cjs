// Bundles the console page (src/console) into dist/console, from where serverless.yml packs it with its function.
//
// serverless-esbuild bundles functions for Node and copies files, but cannot make a browser's bundle. As a plugin this
// runs by itself whenever something is packaged, so that a plain `npx serverless deploy` on a fresh clone is complete:
// a separate build command before it would be forgotten, and an old page deployed.
const { cp } = require('node:fs/promises');
const { join } = require('node:path');
const { build } = require('esbuild');

const root = join(__dirname, '..');
const from = join(root, 'src', 'console');
const to = join(root, 'dist', 'console');

const bundleConsole = async () => {
  await build({
    entryPoints: [join(from, 'console.ts'), join(from, 'style', 'console.css')],
    entryNames: '[name]',
    outdir: to,
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    // Browsers of 2024 and later: the page stands on light-dark(), and esbuild must not lower it.
    target: ['chrome123', 'firefox121', 'safari17.5'],
    logLevel: 'warning',
  });
  for (const name of ['index.html', 'icon.svg']) await cp(join(from, name), join(to, name));
};

module.exports = class BundleConsole {
  hooks = {
    'before:package:createDeploymentArtifacts': bundleConsole,
    'before:deploy:function:packageFunction': bundleConsole,
    'before:invoke:local:invoke': bundleConsole,
  };
};

// `npm run build:console`, for the tests.
if (require.main === module) void bundleConsole();
