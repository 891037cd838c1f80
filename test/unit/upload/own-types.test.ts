import { extensionsOf, toDeclaredType, toServedType } from '@sluice/contract/content-types';
import { flawOfExtension, toServedName } from '@sluice/contract/filename';
import { allOwnTypes, defineTypes, learnTypes, type OwnType } from '@sluice/contract/own-types';
import { describe, expect, test } from 'vitest';
import { sniff } from '../../../src/lib/sniff/sniff.ts';
import { choosePolicy } from '../../../src/lib/upload/choose-policy.ts';
import { decide } from '../../../src/lib/upload/decide.ts';
import type { Policies } from '../../../src/lib/upload/policy.ts';
import { archive } from '../../corpus/archive.ts';
import { honestFile, join, latin1 } from '../../corpus/bytes.ts';
import { sourceOf } from '../../fakes/source.ts';

const own = defineTypes({
  'application/vnd.acme.scan': {
    family: 'opaque',
    extensions: ['scan'],
    aliases: ['application/x-acme-scan'],
    magic: [{ at: 0, bytes: 'ACME\x01' }],
    structure: ({ prefix, size }) => new DataView(prefix.buffer, prefix.byteOffset).getUint32(5) === size,
  },
  'application/vnd.acme.ledger': {
    family: 'opaque',
    extensions: ['ledger'],
    tailBytes: 4,
    structure: ({ tail }) => Buffer.from(tail).toString('latin1') === 'END!',
  },
  'model/3mf': {
    family: 'opaque',
    extensions: ['3mf'],
    madeOf: 'zip',
    structure: ({ entries }) => entries.includes('3D/3dmodel.model'),
  },
  'text/x-gcode': {
    family: 'text',
    extensions: ['gcode'],
    structure: ({ text }) => /^(?:;[^\n]*\n)*[GM]\d/.test(text),
  },
  'image/x-acme-pixels': { family: 'media', extensions: ['pixels'], magic: [{ at: 4, bytes: 'PIX' }] },
});

const policies: Policies<keyof typeof own> = {
  own: {
    title: 'Own',
    types: [
      'application/vnd.acme.scan',
      'application/vnd.acme.ledger',
      'model/3mf',
      'text/x-gcode',
      'image/x-acme-pixels',
      'text/csv',
    ],
    minBytes: 1,
    maxBytes: 1_000_000,
    checksum: 'optional',
    urlExpiresInSeconds: 60,
  },
};

async function judge(contentType: string, bytes: Uint8Array) {
  const source = sourceOf(bytes);
  const sniffed = await sniff(source, { declaredType: contentType });
  const declaration = { filename: 'file', contentType, size: bytes.length, metadata: {} };
  const verdict = decide(declaration, policies.own, { size: bytes.length, checksums: {}, sniffed });
  return { verdict, reads: source.reads };
}
async function accepts(type: string, bytes: Uint8Array) {
  return (await judge(type, bytes)).verdict;
}

const scan = latin1('ACME\x01\0\0\0\x0d\xff\xfe\0\x80');

describe('a type of the deployment', () => {
  test('is accepted by its magic and structure, under its aliases too, and nothing else is', async () => {
    expect(await accepts('application/vnd.acme.scan', scan)).toEqual({
      accepted: true,
      servedType: 'application/vnd.acme.scan',
    });
    expect(await accepts('application/x-acme-scan', scan)).toMatchObject({ accepted: true });
    expect(await accepts('application/vnd.acme.scan', join(scan, 'x'))).toMatchObject({
      reason: 'type_unrecognised',
    });
    expect(await accepts('application/vnd.acme.scan', latin1('ACME\x01'))).toMatchObject({ accepted: false });
    expect(await accepts('application/vnd.acme.scan', honestFile('picture.png'))).toMatchObject({
      reason: 'type_mismatch',
      detail: expect.stringContaining('image/png'),
    });
  });

  test('may look at the end of a file, for one read more', async () => {
    const bytes = join(Buffer.alloc(100_000, 0xfe), 'END!');
    const { verdict, reads } = await judge('application/vnd.acme.ledger', bytes);
    expect(verdict).toMatchObject({ accepted: true });
    expect(reads).toEqual([{ start: 100_000, length: 4 }]);
    expect(await accepts('application/vnd.acme.ledger', bytes.subarray(1, -1))).toMatchObject({
      accepted: false,
    });
  });

  test('may be made of zip, which is held to its directory first', async () => {
    const model = archive([{ name: '3D/3dmodel.model', content: '<model/>' }]);
    expect(await accepts('model/3mf', model)).toMatchObject({ accepted: true });
    expect(await accepts('model/3mf', archive([{ name: 'x', content: 'y' }]))).toMatchObject({
      reason: 'type_mismatch',
    });
    expect(await accepts('model/3mf', model.subarray(0, -3))).toMatchObject({
      reason: 'type_unrecognised',
      detail: expect.stringContaining('cut off'),
    });
  });

  test('of text has to be text, and no page', async () => {
    expect(await accepts('text/x-gcode', Buffer.from('; made by hand\nG28\n'))).toEqual({
      accepted: true,
      servedType: 'text/x-gcode; charset=utf-8',
    });
    expect(await accepts('text/x-gcode', Buffer.from('Dear all\n'))).toMatchObject({
      reason: 'text_malformed',
    });
    expect(await accepts('text/x-gcode', Buffer.from('<script>G28</script>'))).toMatchObject({
      reason: 'active_content',
    });
    expect(await accepts('text/x-gcode', latin1('G28\n\0\x01'))).toMatchObject({ reason: 'text_malformed' });
  });

  test('of media holds nothing that runs, and none begins as markup', async () => {
    expect(await accepts('image/x-acme-pixels', latin1('\0\0\0\0PIX\xff'))).toMatchObject({ accepted: true });
    expect(await accepts('image/x-acme-pixels', latin1('\0\0\0\0PIX<script>x</script>'))).toMatchObject({
      reason: 'active_content',
    });
    expect(await accepts('image/x-acme-pixels', Buffer.from('1 2 PIX <script>x</script>'))).toMatchObject({
      reason: 'active_content',
    });
    expect(await accepts('image/x-acme-pixels', latin1('<a\n\0PIX\xff'))).toMatchObject({
      reason: 'active_content',
    });
  });

  test('is chosen by its extension, which belongs to it in names', () => {
    const contentType = 'application/octet-stream';
    expect(toDeclaredType({ filename: 'page.scan', contentType })).toBe('application/vnd.acme.scan');
    expect(toDeclaredType({ filename: 'page.json', contentType: 'application/vnd.acme.scan' })).toBe(
      'application/vnd.acme.scan',
    );
    expect(choosePolicy(policies, { contentType: 'application/x-acme-scan' })[0]).toBe('own');
    expect(flawOfExtension('page.scan', 'application/vnd.acme.scan')).toBeUndefined();
    expect(flawOfExtension('page.exe', 'application/vnd.acme.scan')?.code).toBe('filename_unsafe');
    expect(flawOfExtension('page.png', 'application/vnd.acme.scan')?.code).toBe('extension_mismatch');
    expect(flawOfExtension('photo.scan', 'image/png')?.code).toBe('extension_mismatch');
    expect(toServedName('page', 'application/vnd.acme.scan')).toBe('page.scan');
    expect(toServedType('text/x-gcode')).toBe('text/x-gcode; charset=utf-8');
  });

  test('is the only other type that its policies may name: anything else does not compile', () => {
    const strict: Policies<keyof typeof own> = {
      // @ts-expect-error: the type is neither of the table nor of the deployment
      wrong: { ...policies.own, types: ['application/x-msdownload'] },
    };
    expect(Object.keys(strict)).toEqual(['wrong']);
  });

  test('can be learned by a page that only names files', () => {
    learnTypes([
      { type: 'application/vnd.acme.other', extensions: ['other'] },
      { type: 'application/vnd.acme.scan', extensions: ['changed'] },
      { type: 'application/vnd.acme.none', extensions: [] },
    ]);
    expect(extensionsOf('application/vnd.acme.other')).toEqual(['other']);
    expect(extensionsOf('application/vnd.acme.scan')).toEqual(['scan']);
    expect(allOwnTypes().map(([name]) => name)).not.toContain('application/vnd.acme.none');
  });
});

describe('a definition that is refused', () => {
  const good: OwnType = { family: 'opaque', extensions: ['good'], magic: [{ at: 0, bytes: 'X' }] };
  test.each<[string, string, OwnType, string]>([
    ['is no type', 'acme', good, 'no type in lower case'],
    ['is in upper case', 'application/X-Acme', good, 'no type in lower case'],
    ['is known already', 'image/png', good, 'one that Sluice knows'],
    ['is an alias', 'image/jpg', good, 'one that Sluice knows'],
    ['has such an alias', 'application/x-a', { ...good, aliases: ['text/csv'] }, 'one that Sluice knows'],
    ['is run by browsers', 'text/javascript', good, 'what browsers run'],
    ['is XML', 'application/x-acme+xml', good, 'what browsers run'],
    ['is nothing', 'application/octet-stream', good, 'or as nothing'],
    [
      'has an extension with a dot',
      'application/x-b',
      { ...good, extensions: ['.b'] },
      'an extension that is none',
    ],
    ['has an extension that runs', 'application/x-c', { ...good, extensions: ['exe'] }, 'files that run'],
    [
      'has nothing that tells it',
      'application/x-d',
      { family: 'text', extensions: ['d'] },
      'nothing that tells it',
    ],
    [
      'has empty magic',
      'application/x-e',
      { ...good, magic: [{ at: 0, bytes: '' }] },
      'magic that is no bytes',
    ],
    [
      'has magic of letters beyond a byte',
      'application/x-f',
      { ...good, magic: [{ at: 0, bytes: 'Ā' }] },
      'no bytes',
    ],
    [
      'has magic beyond the prefix',
      'application/x-g',
      { ...good, magic: [{ at: 8_192, bytes: 'x' }] },
      '8 KiB',
    ],
    ['asks for too much', 'application/x-h', { ...good, tailBytes: 65_537 }, '64 KiB'],
    ['is defined twice', 'application/vnd.acme.scan', good, 'defined twice'],
  ])('%s', (_what, name, type, message) => {
    expect(() => defineTypes({ [name]: type })).toThrow(message);
  });
});
