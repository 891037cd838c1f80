// What is in the bundle of a function, and which import brought it: node bench/explain.ts request-upload
import { analyzeMetafile } from 'esbuild';
import { bundleEntry, readFunctions } from './functions.ts';

const functions = readFunctions();
const named = functions.find(({ name }) => name === process.argv[2]);
if (named === undefined) {
  console.error(`Name one of the functions: ${functions.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const { metafile } = await bundleEntry(named.name, named.entry);
console.log(await analyzeMetafile(metafile, { verbose: true }));
