// The parameters of a stage: they stand in stages/<stage>.yml and nowhere else, so that the second deployment
// has what the first one had. A stage that lacks the file or holds a value that cannot be meant is not
// packaged; the local stage needs none. Why: docs/decisions/0027-a-file-for-each-stage.md.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');
const { readPolicies } = require('./own-policies.cjs');
const { CHECKS } = require('./parameter-checks.cjs');

const LOCAL = 'local';
const fileOf = (stage) => `stages/${stage}.yml`;

/** Parameters of before, and what to write in their place. */
const REPLACED = {
  maxVerifyConcurrency: (value) =>
    `maxVerifyConcurrency follows from peakUploadsPerSecond now. "peakUploadsPerSecond: ${value}" in its place has as many batches verified at once, and lets each route take five times as many calls a second unless routeRateLimit is set: docs/growing.md.`,
};

/**
 * Why a stage cannot be packaged, one sentence each; none when it can.
 * @param values every parameter as it would be deployed, text
 * @param inFile the parameters of the stage's file, or undefined when there is no file
 * @param onCommandLine the names that were given by --param
 * @param known the names of all parameters
 * @param functions the names of all functions
 */
const complaintsOf = ({ stage, values, inFile, onCommandLine, known, functions }) => {
  const isLocal = stage === LOCAL;
  const complaints = [];
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage)) {
    complaints.push(`A stage has at most 20 lower-case letters, digits and hyphens, unlike "${stage}".`);
  }
  if (!isLocal && inFile === undefined) {
    complaints.push(
      `There is no ${fileOf(stage)}. Copy stages/prod.example.yml and fill it in; keep it in version control.`,
    );
  }
  if (!isLocal && onCommandLine.length > 0) {
    const names = onCommandLine.join(', ');
    complaints.push(
      `--param is for the local stage: the next deployment would forget ${names}. Write it into ${fileOf(stage)}.`,
    );
  }
  for (const name of Object.keys(inFile ?? {}).filter((given) => !known.includes(given))) {
    const replaced = Object.hasOwn(REPLACED, name) ? REPLACED[name](inFile[name]) : undefined;
    complaints.push(
      `${fileOf(stage)}: ${replaced ?? `there is no parameter ${name}. docs/configuration.md has them all.`}`,
    );
  }
  for (const [name, check] of Object.entries(CHECKS)) {
    const wrong = check(values[name] ?? '', { isLocal, values, functions });
    if (wrong !== undefined) complaints.push(`${name} ${wrong}.`);
  }
  return complaints;
};

/** The scanners that a deployment with these parameters has. Inspection needs nobody. */
const scannersOf = ({ clamavImage, clamdAddress, guardDuty, scannerFunction }) => [
  'inspection',
  ...(clamavImage || clamdAddress ? ['clamav'] : []),
  ...(guardDuty === 'true' ? ['guardduty'] : []),
  ...(scannerFunction ? ['function'] : []),
];

/** The parameters of a stage's file as text, or undefined when there is no file. */
const readStageFile = (folder, stage) => {
  const path = join(folder, fileOf(stage));
  if (!existsSync(path)) return undefined;
  const content = parse(readFileSync(path, 'utf8')) ?? {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new Error(`${fileOf(stage)} has one line for each parameter, such as logLevel: INFO`);
  }
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => [name, value === null ? '' : String(value)]),
  );
};

module.exports = class Stage {
  static complaintsOf = complaintsOf;
  static readStageFile = readStageFile;
  static scannersOf = scannersOf;

  constructor(serverless, options) {
    const { params, provider } = serverless.configurationInput;
    const stage = String(options.stage ?? provider.stage);
    const inFile = readStageFile(serverless.serviceDir, stage);
    // Here, before variables are resolved: ${param:…} looks at the command line, then at the stage, then at
    // the default.
    if (inFile !== undefined)
      serverless.extendConfiguration(['params', stage], { ...params[stage], ...inFile });

    const givenOnes = () =>
      Object.fromEntries(
        (options.param ?? []).map((text) => [text.split('=', 1)[0], text.slice(text.indexOf('=') + 1)]),
      );
    const valuesOfAll = () => {
      const { params: resolved } = serverless.configurationInput;
      return { ...resolved.default, ...resolved[stage], ...givenOnes() };
    };
    const verify = () => {
      const { params: resolved, functions } = serverless.configurationInput;
      const given = givenOnes();
      const complaints = complaintsOf({
        stage,
        values: valuesOfAll(),
        inFile,
        onCommandLine: Object.keys(given),
        known: Object.keys(resolved.default),
        functions: Object.keys(functions),
      });
      if (complaints.length > 0) {
        throw new serverless.classes.Error(
          `The stage ${stage} cannot be packaged:\n- ${complaints.join('\n- ')}`,
          'STAGE_INCOMPLETE',
        );
      }
    };
    const verifyPolicies = async () => {
      try {
        const values = valuesOfAll();
        await readPolicies(values.policies, scannersOf(values));
      } catch (error) {
        throw new serverless.classes.Error(
          `The stage ${stage} cannot be packaged: ${error.message}`,
          'STAGE_POLICIES',
        );
      }
    };
    const refuseLocalInCloud = () => {
      if (stage !== LOCAL || process.env.AWS_ENDPOINT_URL) return;
      throw new serverless.classes.Error(
        'The stage local is for the local stack (npm start), and may be called by every page. Choose another for AWS.',
        'STAGE_LOCAL_IN_CLOUD',
      );
    };
    this.hooks = {
      'before:package:cleanup': verify,
      'before:package:initialize': verifyPolicies,
      'before:deploy:function:initialize': verify,
      'before:deploy:function:packageFunction': verifyPolicies,
      'before:deploy:deploy': refuseLocalInCloud,
    };
  }
};
