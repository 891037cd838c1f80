import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type Step = { readonly uses?: string; readonly run?: string };
type Job = { readonly permissions?: unknown; readonly steps: readonly Step[] };
type Workflow = { readonly permissions?: unknown; readonly jobs: Readonly<Record<string, Job>> };
type Field = {
  readonly type: string;
  readonly id?: string;
  readonly attributes: {
    readonly label?: string;
    readonly value?: string;
    readonly options?: readonly string[];
  };
  readonly validations?: { readonly required?: boolean };
};
type Form = { readonly name: string; readonly description: string; readonly body: readonly Field[] };
type Update = {
  readonly 'package-ecosystem': string;
  readonly directory?: string;
  readonly directories?: readonly string[];
};

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

// A glob does not look into folders whose name begins with a dot, unless it names them.
const FILES = globSync([
  '.github/**/*.{yml,yaml,json}',
  '.devcontainer/**/*.json',
  '.changeset/*.json',
  'biome.json',
]).toSorted();
const WORKFLOWS = FILES.filter((path) => path.startsWith('.github/workflows/'));
const FORMS = FILES.filter((path) => /ISSUE_TEMPLATE\/(?!config)/.test(path));

function parseFile(path: string): unknown {
  const text = read(path);
  return path.endsWith('.json') ? JSON.parse(text) : parse(text, { strict: true, uniqueKeys: true });
}

function setup() {
  const { scripts, devDependencies } = JSON.parse(read('package.json')) as Readonly<
    Record<'scripts' | 'devDependencies', Readonly<Record<string, string>>>
  >;
  return { scripts: Object.keys(scripts), node: devDependencies.node ?? '' };
}

/** The npm scripts that a text runs; `npm start` and `npm test` need no `run`. */
function scriptsIn(text: string): readonly string[] {
  const runs = text.matchAll(/\bnpm (?:run (?:--?[\w-]+ )*([\w:-]*\w)(?![\w:…-])|(start|test)\b)/g);
  return [...runs].flatMap(([, run, short]) => run ?? short ?? []);
}

describe('what GitHub and editors read', () => {
  test('is found: workflows, issue forms, updates, the container', () => {
    expect(WORKFLOWS).toContain('.github/workflows/ci.yml');
    expect(FORMS.length).toBeGreaterThan(1);
    expect(FILES).toContain('.github/dependabot.yml');
    expect(FILES).toContain('.devcontainer/devcontainer.json');
  });

  test.each(FILES)('parses: %s', (path) => {
    expect(parseFile(path)).toBeTypeOf('object');
  });

  const RUNNING = [...FILES, '.ci/run', '.github/pull_request_template.md', 'README.md', 'CONTRIBUTING.md'];
  test.each(RUNNING)('runs no npm script that does not exist: %s', (path) => {
    const { scripts } = setup();
    expect(scriptsIn(read(path)).filter((name) => !scripts.includes(name))).toEqual([]);
  });

  test('names npm scripts in every way that is used here', () => {
    expect(scriptsIn('npm run --silent engines || npm test --silent; `npm run bench:…`; npm start')).toEqual([
      'engines',
      'test',
      'start',
    ]);
  });
});

describe('workflows', () => {
  test.each(WORKFLOWS)('%s takes every action at a commit, and says which version that is', (path) => {
    const lines = read(path)
      .split('\n')
      .filter((line) => /^\s*(?:- )?uses:/.test(line));
    const parsed = Object.values((parseFile(path) as Workflow).jobs).flatMap(({ steps }) => steps);
    expect(lines).toHaveLength(parsed.filter(({ uses }) => uses !== undefined).length);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatch(/uses: [\w-]+\/[\w-]+(?:\/[\w-]+)*@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test('take one version of each action', () => {
    const used = WORKFLOWS.flatMap((path) => [...read(path).matchAll(/uses: ([\w-]+\/[\w-]+)[^@]*@(.+)/g)]);
    const versions = new Map(used.map(([, action = '', version = '']) => [action, version]));
    expect(used.filter(([, action = '', version]) => versions.get(action) !== version)).toEqual([]);
  });

  test.each(WORKFLOWS)('%s may only read, but for the jobs that say otherwise', (path) => {
    expect((parseFile(path) as Workflow).permissions).toEqual({ contents: 'read' });
  });

  test.each(WORKFLOWS)('%s leaves no token behind in what it checks out', (path) => {
    const text = read(path);
    expect(text.match(/persist-credentials: false/g)?.length).toBe(text.match(/actions\/checkout@/g)?.length);
  });
});

describe('issue forms', () => {
  test.each(FORMS)('%s has fields that GitHub takes', (path) => {
    const { name, description, body } = parseFile(path) as Form;
    expect([name, description].every((text) => text.length > 0)).toBe(true);
    const fields = body.filter(({ type }) => type !== 'markdown');
    const ids = fields.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { type, id, attributes } of fields) {
      expect(['input', 'textarea', 'dropdown', 'checkboxes']).toContain(type);
      expect(id).toMatch(/^[\w-]+$/);
      expect(attributes.label).toBeTruthy();
      if (type === 'dropdown') expect(attributes.options?.length).toBeGreaterThan(1);
    }
  });

  test('ask for what a bug cannot be found without', () => {
    const { body } = parseFile('.github/ISSUE_TEMPLATE/bug.yml') as Form;
    const required = body.filter(({ validations }) => validations?.required).map(({ id }) => id);
    expect(required).toEqual(expect.arrayContaining(['version', 'where', 'happened', 'repeat']));
    expect(body.map(({ id }) => id)).toContain('request-id');
  });
});

describe('updates', () => {
  test('cover npm, the actions and every folder with requirements of Python', () => {
    const { updates } = parseFile('.github/dependabot.yml') as { readonly updates: readonly Update[] };
    const foldersOf = (ecosystem: string) =>
      updates
        .filter((update) => update['package-ecosystem'] === ecosystem)
        .flatMap(({ directory, directories }) => directory ?? directories ?? []);
    expect(foldersOf('npm')).toEqual(['/']);
    expect(foldersOf('github-actions')).toEqual(['/']);
    expect(foldersOf('uv').toSorted()).toEqual(
      globSync('{local,bench,test,.github}/**/requirements.in')
        .map((path) => `/${dirname(path)}`)
        .toSorted(),
    );
  });
});

describe('the editor', () => {
  test('formats as Biome does', () => {
    const { formatter } = parseFile('biome.json') as {
      readonly formatter: { readonly indentStyle: string; readonly lineWidth: number };
    };
    const settings = new Map(
      [...read('.editorconfig').matchAll(/^(\w+) = (.+)$/gm)]
        .toReversed()
        .map(([, key = '', value = '']) => [key, value] as const),
    );
    expect(settings.get('indent_style')).toBe(formatter.indentStyle);
    expect(settings.get('max_line_length')).toBe(String(formatter.lineWidth));
  });
});

describe('the development container', () => {
  test('has the Node that the project pins, Python, and a Go that builds versitygw', () => {
    const { node } = setup();
    const { features, postCreateCommand } = parseFile('.devcontainer/devcontainer.json') as {
      readonly features: Readonly<Record<string, { readonly version: string }>>;
      readonly postCreateCommand: string;
    };
    const versionOf = (name: string) =>
      Object.entries(features).find(([feature]) => feature.includes(`/${name}:`))?.[1].version;
    expect(versionOf('node')).toBe(/\d+/.exec(node)?.[0]);
    expect(versionOf('python')).toMatch(/^3\.1\d$/);
    expect(Number(versionOf('go')?.split('.')[1])).toBeGreaterThanOrEqual(25);
    expect(postCreateCommand).toBe('npm ci');
  });
});
