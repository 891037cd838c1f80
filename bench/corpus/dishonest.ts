import { readFile } from 'node:fs/promises';
import { type ContentType, extensionsOf, familyOf } from '@sluice/contract/content-types';
import { DISHONEST } from '../../test/corpus/dishonest.ts';
import type { Found } from './gather.ts';
import type { Sample } from './judge.ts';

/** A file that is not what it is declared as, and what it is. */
export type Disguised = Sample & { readonly what: string };

const CASES = new URL('../../test/corpus/cases/', import.meta.url);

/** Those of the project's own tests that are to be rejected. */
export async function ownDishonest(): Promise<Disguised[]> {
  const cases: { file: string; declaredType: string; expected: string }[] = JSON.parse(
    await readFile(new URL('cases.json', CASES), 'utf8'),
  );
  const fromCases = cases.filter(({ expected }) => expected === 'reject');
  return [
    ...DISHONEST.filter(({ outcome }) => outcome !== 'inert').map(({ name, declared, bytes }) => ({
      what: name,
      filename: nameFor(declared),
      type: declared,
      bytes,
    })),
    ...(await Promise.all(
      fromCases.map(async ({ file, declaredType }) => ({
        what: `cases/${file}`,
        filename: file,
        type: declaredType,
        bytes: await readFile(new URL(file, CASES)),
      })),
    )),
  ];
}

function nameFor(type: string): string {
  return `file.${extensionsOf(type)[0] ?? 'bin'}`;
}

/** What a file of a type is besides: the same bytes may be declared so, too. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'image/png': ['image/apng'],
  'image/apng': ['image/png'],
  'image/heic': ['image/heif'],
  'image/avif': ['image/heif'],
  'image/heif': ['image/heic', 'image/avif'],
  // One family of boxes: which sister a file is, its brands say as they like.
  'video/mp4': ['audio/mp4', 'video/quicktime'],
  'audio/mp4': ['video/mp4', 'video/quicktime'],
  'video/quicktime': ['video/mp4', 'audio/mp4'],
  'video/webm': ['audio/webm', 'video/matroska'],
  'audio/webm': ['video/webm', 'video/matroska'],
  'video/ogg': ['audio/ogg'],
  'audio/ogg': ['video/ogg'],
};

const ZIPPED = /openxmlformats|opendocument|epub/;

function mayBe(type: string, declared: string): boolean {
  return (
    type === declared ||
    ALSO[type]?.includes(declared) === true ||
    (declared === 'application/zip' && ZIPPED.test(type)) ||
    // Each text is some kind of text; whether markup may be called plain is tried with pages alone, below.
    (isText(type) && isText(declared))
  );
}

function isText(type: string): boolean {
  return familyOf(type) === 'text' || familyOf(type) === 'markup';
}

const PER_TYPE = 8;

/** Honest files under every name and type but their own: a few of each type, and every page as plain text. */
export function disguise(found: readonly Found[], types: readonly ContentType[]): Disguised[] {
  const byType = Map.groupBy(found, ({ type }) => type);
  const misnamed = [...byType].flatMap(([type, files]) =>
    spread(files, PER_TYPE).flatMap((file) =>
      types
        .filter((declared) => !mayBe(type, declared))
        .map((declared) => ({
          what: `${type}: ${file.source} ${file.path}`,
          filename: nameFor(declared),
          type: declared,
          bytes: file.bytes,
        })),
    ),
  );
  const pages = found
    .filter(({ type, bytes }) => type === 'text/html' && isPage(bytes))
    .flatMap((file) =>
      (['text/plain', 'text/markdown', 'text/csv'] as const).map((declared) => ({
        what: `a page: ${file.source} ${file.path}`,
        filename: nameFor(declared),
        type: declared,
        bytes: file.bytes,
      })),
    );
  return [...misnamed, ...pages];
}

/** A whole page, by the first thing in it that is no comment. */
function isPage(bytes: Uint8Array): boolean {
  return /^\ufeff?\s*(<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(!doctype\s+html|html)[\s>]/is.test(
    Buffer.from(bytes.subarray(0, 65_536)).toString(),
  );
}

function spread<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, items.length / count);
  return Array.from(
    { length: Math.min(count, items.length) },
    (_, index) => items[Math.floor(index * step)],
  ).filter((item) => item !== undefined);
}
