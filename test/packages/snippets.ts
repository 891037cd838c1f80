// The examples of the packages' READMEs, as files that a compiler reads.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../local/folders.ts';

export type Snippet = { readonly name: string; readonly text: string; readonly needsNode: boolean };

const BLOCK = /^```(tsx?)\n([\s\S]*?)^```$/gm;

const PAGES = ['packages/client/README.md', 'packages/contract/README.md', 'packages/connection/README.md'];

/** Every example in TypeScript of what is imported; those for Node alone say so by what they import. */
export async function readSnippets(): Promise<Snippet[]> {
  const found = await Promise.all(
    PAGES.map(async (page) => {
      const text = await readFile(join(projectRoot, page), 'utf8');
      return [...text.matchAll(BLOCK)].map(([, extension = '', code = ''], index) => ({
        name: `${page.replace(/\W+/g, '-')}-${index + 1}.${extension}`,
        text: code,
        needsNode: /'@sluice\/(client\/node|connection)/.test(code),
      }));
    }),
  );
  // Of the page of documentation, whose other examples stand in the middle of somebody's program.
  const page = await readFile(join(projectRoot, 'docs/client.md'), 'utf8');
  const components = [...page.matchAll(BLOCK)].filter(([, extension]) => extension === 'tsx');
  return [
    ...found.flat(),
    ...components.map(([, , text = ''], index) => ({
      name: `component-${index}.tsx`,
      text,
      needsNode: false,
    })),
  ];
}
