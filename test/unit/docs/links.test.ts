import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

function pagesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
  'CHANGELOG.md',
  ...pagesIn('docs'),
  ...pagesIn('examples'),
];

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

// What stands in code is no link, and a comment in a shell example no heading.
function withoutCode(text: string): string {
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
}

/** The anchors that GitHub gives to a page's headings; the second of the same text gets `-1`, and so on. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const headings = read(page)
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, '')
    .matchAll(/^#{1,6} (.+)$/gm);
  for (const [, heading = ''] of headings) {
    const anchor = heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let name = anchor;
    for (let repeat = 1; anchors.has(name); repeat += 1) name = `${anchor}-${repeat}`;
    anchors.add(name);
  }
  return anchors;
}

/** Every link of a page to another file of this project, or to a heading of its own. */
function linksOf(page: string): string[] {
  return [
    ...withoutCode(read(page)).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)|(?:src|href|srcset)="([^"]+)"/g),
  ]
    .map(([, link, attribute]) => link ?? attribute ?? '')
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link));
}

/** Why a link leads nowhere; undefined when it leads somewhere. */
function faultOf(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (target.startsWith('..')) return 'leaves the project';
  if (!existsSync(join(root, target))) return 'no such file';
  if (anchor === undefined) return undefined;
  return target.endsWith('.md') && anchorsOf(target).has(anchor) ? undefined : 'no such heading';
}

// Files are named in code as well, where a link would be too much.
const NAMED = /`((?:src|test|infra|bench|local|events|docs)\/[\w./-]*[\w/])`/g;

describe('files', () => {
  test.each(PAGES)('that %s names all exist', (page) => {
    const named = [...read(page).matchAll(NAMED)].map(([, path = '']) => path);
    // An example's page speaks of its own folder, too.
    const folders = page.startsWith('examples') ? ['.', dirname(page)] : ['.'];
    const isThere = (path: string) => folders.some((folder) => existsSync(join(root, folder, path)));
    expect(named.filter((path) => !isThere(path))).toEqual([]);
  });
});

describe('links', () => {
  test.each(PAGES)('of %s all lead to a file and a heading that exist', (page) => {
    const broken = linksOf(page).flatMap((link) => {
      const fault = faultOf(page, link);
      return fault === undefined ? [] : [`${link}: ${fault}`];
    });
    expect(broken).toEqual([]);
  });

  test('are found, in pages as in their subfolders', () => {
    expect(linksOf('README.md').length).toBeGreaterThan(5);
    expect(PAGES.some((page) => page.startsWith(join('docs', 'decisions')))).toBe(true);
  });
});
