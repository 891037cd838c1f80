import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../../../local/folders.ts';

/** One heading of docs/from-boto3.md with a snippet of boto3 and its counterpart. */
export type Pair = {
  readonly heading: string;
  readonly python: string;
  readonly typescript: string;
};

/** Every pair of the page, in its order. */
export async function readPairs(): Promise<Pair[]> {
  const page = await readFile(join(projectRoot, 'docs', 'from-boto3.md'), 'utf8');
  return page.split(/^## /m).flatMap((section) => {
    const python = /```python\n(.*?)```/s.exec(section)?.[1];
    const typescript = /```ts\n(.*?)```/s.exec(section)?.[1];
    const heading = section.slice(0, section.indexOf('\n'));
    return python === undefined || typescript === undefined ? [] : [{ heading, python, typescript }];
  });
}

/** Runs a TypeScript snippet of the page as it stands there, and gives what it printed. */
export async function runTypeScript(program: string, environment: Record<string, string>): Promise<string> {
  // Inside of the project, where its packages are found.
  const folder = await mkdtemp(join(projectRoot, '.sluice', 'snippet-'));
  const file = join(folder, 'snippet.ts');
  const bucket = 'const BUCKET = process.env.BUCKET ?? "";\n';
  try {
    await writeFile(file, bucket + program.replaceAll("'../src/", `'${projectRoot}/src/`));
    const env = { PATH: process.env.PATH, HOME: folder, ...environment };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    return stdout.trimEnd();
  } finally {
    await rm(folder, { recursive: true });
  }
}
