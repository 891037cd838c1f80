import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

function read(path: string): string {
  return readFileSync(path, 'utf8');
}
const folders = '{local,bench,test,.github}/**';
const wanted = globSync(`${folders}/requirements.in`);

/** The requirements of a file, each with its options, comments left out. */
function requirementsOf(path: string): readonly string[] {
  return read(path)
    .replace(/^\s*#.*$/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

describe('packages of Python', () => {
  test('are wanted in more than one place, so that what follows is about some', () => {
    expect(wanted).toContain('local/requirements.in');
    expect(globSync(`${folders}/requirements.txt`).toSorted()).toEqual(
      wanted.map((path) => path.replace(/in$/, 'txt')).toSorted(),
    );
  });

  test.each(wanted)('of %s are pinned with all that they need, each by its hashes', (path) => {
    const locked = requirementsOf(path.replace(/in$/, 'txt'));
    for (const requirement of locked) {
      expect(requirement).toMatch(/^[\w.-]+==[\w.]+( ; [^\\]+?)?(\s+--hash=sha256:[0-9a-f]{64})+$/);
    }
    const pins = locked.map((requirement) => requirement.split(' ', 1)[0]?.toLowerCase());
    for (const pin of requirementsOf(path)) {
      // Extras are locked as packages of their own.
      expect(pins).toContain(pin.toLowerCase().replace(/\[.*\]/, ''));
    }
  });

  test('are installed by nothing that would take another file for one of them', () => {
    const installing = globSync(`${folders}/*.ts`).filter(
      (path) => /'--requirement'/.test(read(path)) && /'install'/.test(read(path)),
    );
    const careless = installing.filter((path) => !read(path).includes("'--require-hashes'"));
    expect(installing).toContain('local/packages.ts');
    expect(careless.filter((path) => !path.endsWith('requirements.test.ts'))).toEqual([]);
  });
});

describe('the workflow', () => {
  type Step = { readonly uses?: string; readonly run?: string };
  const workflows = globSync('.github/workflows/*.yml').map(
    (path) => parse(read(path)) as { readonly jobs: Record<string, { readonly steps: readonly Step[] }> },
  );
  const steps = workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job.steps));

  test('runs what anybody can run, and asks for advisories on each locked file', () => {
    const runs = steps.map(({ run = '' }) => run).join('\n');
    expect(runs).toContain('bash .ci/run');
    expect(runs).toContain('npm audit --omit=dev');
    for (const path of wanted) expect(runs).toContain(path.replace('/requirements.in', ''));
  });

  test('takes every action at a commit, which nobody can move', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+(?:\/[\w-]+)*@[0-9a-f]{40}$/);
  });
});
