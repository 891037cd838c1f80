import { copyFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import webpack from 'webpack';

const path = `${import.meta.dirname}/out/webpack`;
const options = {
  context: import.meta.dirname,
  mode: 'production',
  entry: './page.js',
  output: { path, filename: 'page.js' },
};
const stats = await promisify(webpack)(options);
const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
// React alone is larger than webpack thinks good.
const others = warnings.filter(({ message }) => !message.includes('size limit'));
for (const { message } of [...errors, ...others]) console.error(message);
if (errors.length > 0) process.exitCode = 1;
await copyFile('index.html', `${path}/index.html`);
