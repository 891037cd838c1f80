// Which file says what may be uploaded: src/policies.ts, unless the stage names another (the parameter
// `policies`). The functions import src/policies.ts; where another is named, esbuild is led there.
const { existsSync } = require('node:fs');
const { join, relative, resolve, sep } = require('node:path');

const root = join(__dirname, '..');
const shipped = join(root, 'src', 'policies.ts');

const isBelow = (folder, path) => path === folder || path.startsWith(folder + sep);

/**
 * Leads the functions' imports of src/policies.ts to another file. That file's own import of it, to extend
 * it, stays.
 */
const leadTo = (file) => ({
  name: 'policies',
  setup({ onResolve, resolve: resolveAsUsual }) {
    onResolve({ filter: /\/policies\.ts$/ }, ({ path, importer, resolveDir }) => {
      const isOurs =
        importer !== file && (isBelow(join(root, 'src'), resolveDir) || resolveDir === __dirname);
      if (!isOurs || resolve(resolveDir, path) !== shipped) return undefined;
      // Some functions import it only for what it does (types of one's own), whatever a package.json above it
      // says.
      return { path: file, sideEffects: true };
    });
    // A file outside of this project finds the project's packages too.
    onResolve({ filter: /^(@sluice\/|valibot$)/ }, ({ path, kind, resolveDir }) =>
      isBelow(root, resolveDir) ? undefined : resolveAsUsual(path, { kind, resolveDir: root }),
    );
  },
});

/**
 * The policies of a file, as the functions will have them. Throws an Error that says what is wrong: that
 * there is no such file, that it does not load, or which policy holds what cannot be meant.
 * @param scanners those that the deployment has; any when absent
 */
const readPolicies = async (given, scanners) => {
  const file = resolve(root, given);
  const shown = isBelow(root, file) ? relative(root, file) : file;
  if (!existsSync(file)) throw new Error(`There is no file of policies ${shown}.`);
  const { build, formatMessages } = await import('esbuild');
  const { outputFiles, errors } = await build({
    stdin: {
      // One bundle, so that the check knows the types that the file defines.
      contents: `export * as given from '../src/policies.ts'; export { flawsOf } from './policy-flaws.ts';`,
      resolveDir: __dirname,
      loader: 'ts',
    },
    plugins: [leadTo(file)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  }).catch(({ errors = [] }) => ({ outputFiles: [], errors }));
  if (errors.length > 0) {
    const messages = await formatMessages(errors.slice(0, 5), { kind: 'error', color: false });
    throw new Error(`${shown} does not load:\n\n${messages.join('\n').trimEnd()}`);
  }
  const url = `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`;
  const { given: exported, flawsOf } = await import(url).catch((error) => {
    throw new Error(`${shown} does not load: ${error.message}`);
  });
  const flaws = flawsOf(exported.policies, scanners);
  if (flaws.length > 0)
    throw new Error(`${shown} has policies that cannot be meant:\n- ${flaws.join('\n- ')}`);
  return exported.policies;
};

/** The plugins of esbuild that serverless-esbuild asks this file for, once parameters are resolved. */
module.exports = (serverless) => {
  const file = resolve(root, serverless.service.custom.policies);
  return file === shipped ? [] : [leadTo(file)];
};
module.exports.readPolicies = readPolicies;
