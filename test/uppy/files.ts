import type { Made } from './driver.ts';

export const MiB = 1024 ** 2;

/**
 * The first bytes of files that verification takes for what they say they are, whatever follows: a JPEG with
 * the header of its frame, a gzip file whose first block is stored as it is.
 */
const HEADS = {
  'image/jpeg':
    '\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00',
  'application/gzip': '\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x00\xff\xff\x00\x00',
  'text/csv': '',
} as const;

export function made(type: keyof typeof HEADS, name: string, size: number): Made {
  return {
    name,
    type,
    size,
    head: HEADS[type],
  };
}

/**
 * Names that people do give their files, and some that only attackers do; each with the name that is kept.
 */
export const AWKWARD_NAMES: readonly (readonly [name: string, kept: string])[] = [
  ['with spaces and (parentheses).jpg', 'with spaces and (parentheses).jpg'],
  ['plus+and%20percent%.jpg', 'plus+and%20percent%.jpg'],
  ['question?hash#amp&equals=.jpg', 'question?hash#amp&equals=.jpg'],
  [`quotes'and"double.jpg`, `quotes'and"double.jpg`],
  ['semicolon;comma,colon:.jpg', 'semicolon;comma,colon_.jpg'],
  ['$' + '{filename}.jpg', '$' + '{filename}.jpg'],
  ['<script>alert(1)<img>.jpg', '<script>alert(1)<img>.jpg'],
  ['smörgåsbord é.jpg', 'smörgåsbord é.jpg'],
  ['smo\u0308rga\u030asbord.jpg', 'smo\u0308rga\u030asbord.jpg'],
  ['文件 名.jpg', '文件 名.jpg'],
  ['тест ملف קובץ.jpg', 'тест ملف קובץ.jpg'],
  ['family 👨‍👩‍👧‍👦 🏳️‍🌈.jpg', 'family 👨‍👩‍👧‍👦 🏳️‍🌈.jpg'],
  ['.hidden.jpg', '_.hidden.jpg'],
  ['ends in a dot..jpg', 'ends in a dot..jpg'],
  ['CON.jpg', '_CON.jpg'],
  ['no-extension', 'no-extension'],
  ['exe\u202egpj.jpg', 'exe_gpj.jpg'],
  ['../../etc/passwd.jpg', '_.._.._etc_passwd.jpg'],
  ['tab\tand\nnewline.jpg', 'tab_and_newline.jpg'],
  [`${'long'.repeat(75)}.jpg`, `${'long'.repeat(75).slice(0, 251)}.jpg`],
];
