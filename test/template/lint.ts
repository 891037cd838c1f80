import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../local/folders.ts';
import { withLock } from '../../local/lock.ts';
import { Obstacle } from '../../local/obstacle.ts';
import { hasPackages, installPackages } from '../../local/packages.ts';
import { choosePython, explainNoPython, findPythons } from '../../local/python.ts';
import type { Template } from './template.ts';
import type { Variant } from './variants.ts';

const run = promisify(execFile);

const environment = {
  name: 'cfn-lint and checkov',
  folder: join(projectRoot, '.sluice', 'template-linters'),
  requirements: join(import.meta.dirname, 'requirements.txt'),
};

/** Where both linters are. */
export const linterFolder = environment.folder;

/**
 * Installs both linters into a folder of this project, unless they are there already.
 * @throws Obstacle on a machine without a Python that they run on
 */
export async function installLinters(): Promise<void> {
  if (await hasPackages(environment, ['cfnlint', 'checkov'])) return;
  const pythons = await findPythons();
  const python = choosePython(pythons);
  if (python === undefined) throw new Obstacle(explainNoPython(pythons));
  await installPackages(environment, python);
}

/** A stage as those in AWS, which what is for AWS alone needs. */
const STAGE = 'linted';

/** Makes the template that `serverless deploy` would send for a stage. */
export async function packageTemplate(
  name: string,
  { region, parameters }: Variant,
): Promise<{ readonly file: string; readonly template: Template }> {
  const folder = join(projectRoot, '.sluice', 'templates', name);
  const stageFile = join(projectRoot, 'stages', `${STAGE}.yml`);
  const serverless = join(projectRoot, 'node_modules', 'serverless', 'bin', 'serverless.js');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Deployments share .esbuild with this.
  await withLock(join(projectRoot, '.sluice', 'deploying'), async () => {
    await writeFile(stageFile, JSON.stringify(parameters));
    try {
      await run(process.execPath, [serverless, 'package', '--stage', STAGE, '--package', folder], {
        cwd: projectRoot,
        env: { ...process.env, AWS_REGION: region, SLS_INTERACTIVE_SETUP_ENABLE: '0', NO_COLOR: '1' },
      });
    } finally {
      await rm(stageFile);
    }
  });
  const file = join(folder, 'cloudformation-template-update-stack.json');
  return { file, template: JSON.parse(await readFile(file, 'utf8')) };
}

/** What a linter says of one resource. */
export type Flaw = { readonly rule: string; readonly resource: string; readonly message: string };

/** What cfn-lint finds: whatever CloudFormation would refuse, as far as its documentation tells. */
export async function findMistakes(file: string, region: string): Promise<readonly Flaw[]> {
  const options = ['--format', 'json', '--regions', region, '--template', file];
  const findings = await runJson('cfn-lint', options);
  return listOf(findings).map((finding) => ({
    rule: String(at(finding, 'Rule', 'Id')),
    resource: String(listOf(at(finding, 'Location', 'Path'))[1]),
    message: String(at(finding, 'Message')),
  }));
}

/** What checkov finds: whatever is known as a weakness. */
export async function findWeaknesses(file: string): Promise<readonly Flaw[]> {
  const options = ['--framework', 'cloudformation', '--output', 'json', '--compact', '--quiet'];
  const report = await runJson('checkov', [...options, '--file', file]);
  return listOf(at(report, 'results', 'failed_checks')).map((check) => ({
    rule: String(at(check, 'check_id')),
    resource: String(at(check, 'resource')).replace(/^.*\./, ''),
    message: String(at(check, 'check_name')),
  }));
}

// Both end with another code than zero when they find something; that they ran at all shows in what they say.
async function runJson(linter: string, args: readonly string[]): Promise<unknown> {
  const output = await run(join(environment.folder, 'bin', linter), args, {
    maxBuffer: 64 * 1024 * 1024,
    // checkov would ask its maker's server otherwise.
    env: {
      PATH: process.env.PATH,
      HOME: environment.folder,
      CHECKOV_RUN_OFFLINE: 'true',
      BC_SKIP_MAPPING: 'TRUE',
    },
  }).catch((error: { stdout?: string; stderr?: string }) => error);
  try {
    return JSON.parse(output.stdout ?? '');
  } catch {
    throw new Error(`${linter} did not report: ${output.stderr ?? ''}`);
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner: unknown, name) => Object(inner)[name], value);
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('a linter gave something else than a list');
  return value;
}
