// Bundles the console page (packages/console/src) into dist/console, from where serverless.yml packs it with
// its function.
//
// serverless-esbuild bundles functions for Node and copies files, but cannot make a browser's bundle. As a
// plugin this runs by itself whenever something is packaged, so that a plain `npx serverless deploy` on a
// fresh clone is complete: a separate build command before it would be forgotten, and an old page deployed.
const { cp } = require('node:fs/promises');
const { join } = require('node:path');

const root = join(__dirname, '..');
const from = join(root, 'packages', 'console', 'src');

const bundleConsole = async (to = join(root, 'dist', 'console')) => {
  const { build } = await import('vite'); // an ES module, and serverless loads plugins by require
  await build({
    configFile: false,
    envDir: false,
    root: from,
    publicDir: false,
    base: './', // the API may live below a path, and the page with it
    logLevel: 'warn',
    build: {
      outDir: to,
      emptyOutDir: true,
      // Browsers of 2024 and later: the page stands on light-dark(), which must not be lowered.
      target: ['chrome123', 'firefox121', 'safari17.5'],
      assetsInlineLimit: 0, // the page's policy refuses data: addresses
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: {
        input: {
          console: join(from, 'console.ts'),
          'console.css': join(from, 'style', 'console.css'),
          'dashboard.css': join(from, 'style', 'dashboard.css'),
        },
        output: {
          // The function serves these names and no others (src/lib/page/assets.ts).
          entryFileNames: '[name].js',
          chunkFileNames: '[name].js',
          assetFileNames: '[name][extname]',
        },
      },
    },
  });
  for (const name of ['index.html', 'icon.svg']) await cp(join(from, name), join(to, name));
};

module.exports = class BundleConsole {
  hooks = {
    'before:package:createDeploymentArtifacts': () => bundleConsole(),
    'before:deploy:function:packageFunction': () => bundleConsole(),
    'before:invoke:local:invoke': () => bundleConsole(),
  };
};

// `node infra/bundle-console.cjs [folder]`, for the tests.
if (require.main === module) void bundleConsole(process.argv[2]);
