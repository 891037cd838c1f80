// What is published, as somebody has it who installs it: bundled into a page in a real browser, run on Node,
// compiled.
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { binOf, type Consumer, type Node, openConsumer } from '../packages/consumer.ts';
import { readSnippets } from '../packages/snippets.ts';
import { launchBrowser } from '../setup/browser.ts';

let consumer: Consumer;
let browser: Browser;

beforeAll(async () => {
  consumer = await openConsumer();
  browser = await launchBrowser();
  const versions = consumer.nodes.map(({ version }) => version);
  console.log(`The packages are run on Node ${[versions.join(' and '), ...consumer.leftOut].join('; ')}.`);
});

afterAll(async () => {
  await browser?.close();
  await consumer?.[Symbol.asyncDispose]();
});

/** The newest Node that is there. */
function newestNode(): Node {
  const node = consumer.nodes.toSorted((a, b) => b.version.localeCompare(a.version)).at(0);
  if (node === undefined) throw new Error('there is no Node to run anything with');
  return node;
}

/** Runs the same on every Node that is there, and gives what each printed as JSON. */
async function onEachNode(args: readonly string[], env: Readonly<Record<string, string>>) {
  const runs = await Promise.all(
    consumer.nodes.map(async (node) => ({ node, ended: await consumer.run(node, args, env) })),
  );
  expect(runs.length).toBeGreaterThan(0);
  return runs.map(({ node, ended: { code, out, err } }) => {
    expect({ node: node.version, code, err }).toEqual({ node: node.version, code: 0, err: '' });
    return { node, printed: JSON.parse(out) };
  });
}

function asAlice() {
  const { apiUrl, endpoint, region, alice } = inject('stack');
  return {
    ENDPOINT: apiUrl,
    TOKEN: alice.idToken,
    // The SDK's versions of 2027 will want Node 22, and those of today say so on 20.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}

async function serve(folder: string) {
  const server = createServer(({ url = '/' }, response) => {
    const name = url === '/' ? '/index.html' : url;
    response.setHeader('content-type', name.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8');
    createReadStream(join(folder, name))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/`, [Symbol.asyncDispose]: async () => void server.close() };
}

describe('a page of React', () => {
  test.each(['vite', 'esbuild', 'webpack'])(
    'that %s bundles uploads a file in a real browser, and shows the verdict',
    async (bundler) => {
      const built = await consumer.run(newestNode(), [`bundle-with-${bundler}.mjs`]);
      expect(built).toMatchObject({ code: 0, err: '' });
      const out = join(consumer.folder, 'out', bundler);
      const scripts = (await readdir(out, { recursive: true })).filter((name) => name.endsWith('.js'));
      const texts = await Promise.all(scripts.map((name) => readFile(join(out, name), 'utf8')));
      expect(texts.length).toBeGreaterThan(0);
      expect(texts.filter((text) => /["']node:/.test(text))).toEqual([]);

      await using site = await serve(out);
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        const faults: Error[] = [];
        page.on('pageerror', (fault) => faults.push(fault));
        const { apiUrl, alice } = inject('stack');
        await page.addInitScript((app) => Object.assign(globalThis, { app }), {
          endpoint: apiUrl,
          token: alice.idToken,
        });
        await page.goto(site.url);
        await page.getByText('idle').waitFor();
        await page.locator('input').setInputFiles({
          name: `${bundler}.txt`,
          mimeType: 'text/plain',
          buffer: Buffer.from('Bytes from a page.\n'),
        });
        await page.getByText(`accepted ${bundler}.txt`).waitFor({ timeout: 60_000 });
        expect(await page.locator('progress').evaluate((bar) => 'position' in bar && bar.position)).toBe(1);
        expect(faults).toEqual([]);
      } finally {
        await context.close();
      }
    },
  );
});

describe('a program on Node', () => {
  test('imports every package, uploads, renders, signs, and moves bytes by the connection layer', async () => {
    for (const { node, printed } of await onEachNode(['program.mjs'], asAlice())) {
      expect(printed).toEqual({
        node: node.version,
        state: 'accepted',
        refused: 'upload_not_found',
        rendered: '<p>idle</p>',
        signed: 'string',
        listed: 1,
        presigner: 'function',
        type: 'image/heic',
      });
    }
  });

  test('requires them from CommonJS, and gets the very classes that an import gets', async () => {
    for (const { node, printed } of await onEachNode(['program.cjs'], asAlice())) {
      expect(printed).toEqual({
        node: node.version,
        state: 'accepted',
        same: true,
        missing: 'SourceError',
        status: 404,
      });
    }
  });

  test('finds with `sluice check` that the stack keeps what it promises', async () => {
    const { apiUrl, alice } = inject('stack');
    const env = { SLUICE_ENDPOINT: apiUrl, SLUICE_TOKEN: alice.idToken };
    const args = [await binOf(consumer.folder, 'sluice'), 'check', '--json'];
    for (const { printed } of await onEachNode(args, env)) expect(printed).toMatchObject({ kept: true });
  });

  test('is not needed to be named: npx finds the command', async () => {
    const npx = await consumer.npx(['--', 'sluice', '--version']);
    const { version } = JSON.parse(await readFile('packages/cli/package.json', 'utf8'));
    expect(npx).toMatchObject({ code: 0, out: `${version}\n` });
  });
});

describe('the types', () => {
  // `skipLibCheck` is off: our declarations are checked themselves.
  const strict = { strict: true, noEmit: true, exactOptionalPropertyTypes: true, jsx: 'react-jsx' };
  const page = { ...strict, target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [] };
  const projects = {
    'of a page, without those of Node, as nodenext': { ...page, module: 'nodenext' },
    'of a page, without those of Node, for a bundler': {
      ...page,
      module: 'esnext',
      moduleResolution: 'bundler',
    },
    // The SDK's own declarations speak of a page's.
    'of a program, without those of a page': {
      ...strict,
      target: 'es2023',
      lib: ['es2023'],
      types: ['node'],
      module: 'nodenext',
      skipLibCheck: true,
    },
  };

  test.each(Object.entries(projects))(
    '%s fit the examples of every README',
    async (name, compilerOptions) => {
      const forNode = name.includes('program');
      const folder = join(consumer.folder, name.replace(/\W+/g, '-'));
      await mkdir(folder, { recursive: true });
      const snippets = (await readSnippets()).filter(({ needsNode }) => needsNode === forNode);
      expect(snippets.length).toBeGreaterThan(3);
      for (const { name: file, text } of snippets) await writeFile(join(folder, file), text);
      // What is compiled to CommonJS may import them, too, where Node's own rules count.
      if (compilerOptions.module === 'nodenext') {
        await writeFile(
          join(folder, 'commonjs.cts'),
          `import { createClient } from '@sluice/client';\ncreateClient;\n`,
        );
      }
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }));
      // Resolution for bundlers is the same in both.
      for (const compiler of name.includes('bundler') ? ['typescript'] : ['typescript', 'typescript-5']) {
        const tsc = await binOf(consumer.folder, compiler, 'tsc');
        const { code, out } = await consumer.run(newestNode(), [tsc, '-p', folder]);
        expect({ compiler, code, out }).toEqual({ compiler, code: 0, out: '' });
      }
    },
  );
});
