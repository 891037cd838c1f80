// What a function of ours imports by `import()` becomes a bundle of its own, beside the function's and in its
// package, and is loaded when it is asked for: `request-upload.js` imports
// `request-upload.store-multipart.js`. In one bundle it would be there from the start, and worse: esbuild
// turns all that it shares with the rest, which is most of the SDK, into closures, and keeps what nobody uses
// of it. Here both have the SDK, each what it uses.
//
// The code of a thread is such a bundle, too: `new URL('./worker.ts', import.meta.url)` becomes its address.
const { readFileSync } = require('node:fs');
const { basename, dirname, extname, join, resolve, sep } = require('node:path');

const SOURCES = join(__dirname, '..', 'src') + sep;
const NAME = 'late-modules';
// The only module that starts a thread. A filter for all of them would read each module of the SDK twice.
const STARTS_A_THREAD = /[\\/]src[\\/]lib[\\/]inspect[\\/]thread\.ts$/;
const THREAD = /new URL\('(\.[^']+)', import\.meta\.url\)/g;

const nameOf = (path) => basename(path, extname(path));

/** A plugin of esbuild. Each build has one entry, as serverless-esbuild makes them. */
module.exports = () => ({
  name: NAME,
  setup({ esbuild, initialOptions, onResolve, onLoad, onEnd }) {
    const [entry] = initialOptions.entryPoints;
    const { outfile, outdir, plugins = [] } = initialOptions;
    const folder = outfile === undefined ? outdir : dirname(outfile);
    const extension = outfile === undefined ? '.js' : extname(outfile);
    const late = new Map();

    // serverless-esbuild packs what begins with the name of a function's bundle with that function alone.
    const toName = (source) => `${nameOf(entry)}.${nameOf(source)}${extension}`;

    onLoad({ filter: STARTS_A_THREAD }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replace(THREAD, (_, thread) => {
        const source = resolve(dirname(path), thread);
        late.set(source, toName(source));
        return `require('node:url').pathToFileURL(require('node:path').join(__dirname, '${toName(source)}'))`;
      });
      return { contents, loader: 'ts' };
    });

    // The SDK has dynamic imports too: those are esbuild's.
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir, importer }) => {
      if (kind !== 'dynamic-import' || !importer.startsWith(SOURCES)) return undefined;
      const source = resolve(resolveDir, path);
      const name = toName(source);
      late.set(source, name);
      return { path: `./${name}`, external: true };
    });

    onEnd(async ({ errors, metafile }) => {
      if (errors.length > 0) return;
      const bundle = readFileSync(outfile ?? join(outdir, `${nameOf(entry)}${extension}`), 'utf8');
      for (const [source, name] of late) {
        // esbuild resolves what it then leaves out, as nobody uses it.
        if (!bundle.includes(name)) continue;
        const built = await esbuild.build({
          ...initialOptions,
          entryPoints: [source],
          outfile: join(folder, name),
          outdir: undefined,
          plugins: plugins.filter((plugin) => plugin.name !== NAME),
        });
        if (metafile !== undefined) Object.assign(metafile.outputs, built.metafile?.outputs);
      }
    });
  },
});
