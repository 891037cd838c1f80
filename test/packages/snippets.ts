// The examples of the packages' READMEs, as files that a compiler reads.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../local/folders.ts';

export type Snippet = { readonly name: string; readonly text: string; readonly needsNode: boolean };

const BLOCK = /^```(tsx?)\n([\s\S]*?)^```$/gm;

/** Every example in TypeScript of what is imported; those for Node alone say so by what they import. */
export async function readSnippets(): Promise<Snippet[]> {
  const found = await Promise.all(
    ['client', 'contract', 'connection'].map(async (name) => {
      const text = await readFile(join(projectRoot, 'packages', name, 'README.md'), 'utf8');
      return [...text.matchAll(BLOCK)].map(([, extension = '', code = ''], index) => ({
        name: `${name}-${index + 1}.${extension}`,
        text: code,
        needsNode: /'@sluice\/(client\/node|connection)/.test(code),
      }));
    }),
  );
  return found.flat();
}
