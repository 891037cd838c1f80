// Says that the bundles are CommonJS, which they are, to `serverless invoke local`: it runs them in a folder
// below this project, whose package.json makes every .js an ES module. In Lambda nothing is above them.
const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

module.exports = class CommonJsBundles {
  hooks = {
    'before:invoke:local:invoke': () => {
      const folder = join(__dirname, '..', '.esbuild');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
    },
  };
};
