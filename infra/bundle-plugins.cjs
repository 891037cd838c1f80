// The plugins of esbuild with which the functions are bundled.
const lateModules = require('./late-modules.cjs');
const ownPolicies = require('./own-policies.cjs');

/** What serverless-esbuild asks for, once parameters are resolved. */
module.exports = (serverless) => [...ownPolicies(serverless), lateModules()];
