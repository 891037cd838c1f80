import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { honestFile } from '../../corpus/bytes.ts';
import { look } from './file.ts';

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
function little(value: number): Buffer {
  return u32(value).reverse() as Buffer;
}

/** EXIF: a directory that leads to another one for GPS, with these tags. */
function exif(...tags: readonly number[]): Buffer {
  const entry = (tag: number, value: number) => Buffer.concat([u16(tag), u16(4), u32(1), u32(value)]);
  return Buffer.concat([
    Buffer.from('MM\0*'),
    u32(8),
    u16(1),
    entry(0x8825, 26),
    u32(0),
    u16(tags.length),
    ...tags.map((tag) => entry(tag, 0)),
    u32(0),
  ]);
}
const PLACE = exif(0, 2, 4);
const XMP = Buffer.from('<x:xmpmeta exif:GPSLatitude="1,2N"/>');

function segment(marker: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xff, marker]), u16(data.length + 2), data]);
}
const FRAME = segment(0xc0, Buffer.concat([Buffer.from([8]), u16(300), u16(400), Buffer.alloc(10)]));
const SCAN = segment(0xda, Buffer.alloc(4));
function jpeg(...segments: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, FRAME, SCAN]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  return Buffer.concat([u32(data.length), body, u32(crc32(body))]);
}
function png(...chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.concat([u32(640), u32(480), Buffer.alloc(5)])),
    ...chunks,
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
const ITXT = Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\x01\0\0\0'), deflateSync(XMP)]);
const RAW = Buffer.from(
  `Raw profile type exif\0\nexif\n 60\n${Buffer.concat([Buffer.from('Exif\0\0'), PLACE]).toString('hex')}\n`,
);

function riff(...chunks: readonly (readonly [string, Buffer])[]): Buffer {
  const parts = chunks.map(([type, data]) =>
    Buffer.concat([Buffer.from(type), little(data.length), data, Buffer.alloc(data.length % 2)]),
  );
  const body = Buffer.concat([Buffer.from('WEBP'), ...parts]);
  return Buffer.concat([Buffer.from('RIFF'), little(body.length), body]);
}
const CANVAS: readonly [string, Buffer] = ['VP8X', Buffer.from('00000000630000c70000', 'hex')];

/** A TIFF of pages of 10 by 20 pixels; the last one leads to `next`. */
function tiff(pages: number, next = 0, gps = false): Buffer {
  const entry = (tag: number, value: number) => Buffer.concat([u16(tag), u16(4), u32(1), u32(value)]);
  const count = gps ? 3 : 2;
  const bytes = 2 + count * 12 + 4;
  const end = 8 + pages * bytes;
  const directories = Array.from({ length: pages }, (_, page) =>
    Buffer.concat([
      u16(count),
      entry(256, 10),
      entry(257, 20),
      ...(gps ? [entry(0x8825, end)] : []),
      u32(page === pages - 1 ? next : 8 + (page + 1) * bytes),
    ]),
  );
  const place = Buffer.concat([u16(1), entry(2, 0), u32(0)]);
  return Buffer.concat([Buffer.from('MM\0*'), u32(8), ...directories, place]);
}

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type), ...content]);
  return Buffer.concat([u32(body.length + 4), body]);
}
function ispe(width: number, height: number): Buffer {
  return box('ispe', u32(0), u32(width), u32(height));
}
function heic(...content: readonly Buffer[]): Buffer {
  return Buffer.concat([
    box('ftyp', Buffer.from('heic\0\0\0\0mif1heic')),
    box('meta', u32(0), box('iinf', Buffer.from('Exif')), box('iprp', ispe(512, 512), ispe(4000, 3000))),
    ...content,
  ]);
}

describe('the size, the frames and the place of a picture', () => {
  test.each<[string, string, Buffer | Uint8Array, readonly [number, number, number, boolean]]>([
    ['JPEG', 'image/jpeg', jpeg(), [400, 300, 1, false]],
    [
      'JPEG with a place',
      'image/jpeg',
      jpeg(segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), PLACE]))),
      [400, 300, 1, true],
    ],
    [
      'JPEG of a camera without a place',
      'image/jpeg',
      jpeg(segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exif(0)]))),
      [400, 300, 1, false],
    ],
    [
      'JPEG with a place in XMP',
      'image/jpeg',
      jpeg(segment(0xe1, Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), XMP]))),
      [400, 300, 1, true],
    ],
    ['JPEG with fill bytes', 'image/jpeg', jpeg(Buffer.from([0xff, 0xff])), [400, 300, 1, false]],
    ['a JPEG of Pillow', 'image/jpeg', honestFile('picture.jpg'), [2, 2, 1, false]],
    ['PNG', 'image/png', png(chunk('IDAT', Buffer.alloc(9))), [640, 480, 1, false]],
    [
      'PNG with a place after its picture',
      'image/png',
      png(chunk('IDAT', Buffer.alloc(70_000)), chunk('eXIf', PLACE)),
      [640, 480, 1, true],
    ],
    ['PNG with a place in packed XMP', 'image/png', png(chunk('iTXt', ITXT)), [640, 480, 1, true]],
    ['PNG with a place in digits', 'image/png', png(chunk('tEXt', RAW)), [640, 480, 1, true]],
    ['animated PNG', 'image/apng', png(chunk('acTL', Buffer.concat([u32(7), u32(0)]))), [640, 480, 7, false]],
    ['an animated PNG of Pillow', 'image/png', honestFile('moving.png'), [2, 2, 2, false]],
    ['a GIF of Pillow', 'image/gif', honestFile('picture.gif'), [2, 2, 1, false]],
    ['an animated GIF of Pillow', 'image/gif', honestFile('moving.gif'), [2, 2, 2, false]],
    ['a WebP of Pillow', 'image/webp', honestFile('picture.webp'), [2, 2, 1, false]],
    [
      'animated WebP',
      'image/webp',
      riff(CANVAS, ['ANMF', Buffer.alloc(3)], ['ANMF', Buffer.alloc(3)]),
      [100, 200, 2, false],
    ],
    ['WebP with a place', 'image/webp', riff(CANVAS, ['EXIF', PLACE]), [100, 200, 1, true]],
    [
      'WebP without loss',
      'image/webp',
      riff(['VP8L', Buffer.from('2f63c031000000', 'hex')]),
      [100, 200, 1, false],
    ],
    ['an AVIF of Pillow', 'image/avif', honestFile('picture.avif'), [2, 2, 1, false]],
    ['a HEIC', 'image/heic', honestFile('picture.heic'), [64, 64, 1, false]],
    ['HEIC of tiles', 'image/heic', heic(), [4000, 3000, 1, false]],
    ['HEIC with a place', 'image/heic', heic(box('mdat', u32(0), PLACE)), [4000, 3000, 1, true]],
    ['a TIFF of Pillow', 'image/tiff', honestFile('picture.tiff'), [16, 16, 1, false]],
    ['TIFF of pages', 'image/tiff', tiff(3), [10, 20, 3, false]],
    ['TIFF whose pages go in a circle', 'image/tiff', tiff(3, 8), [10, 20, 3, false]],
    ['TIFF with a place', 'image/tiff', tiff(1, 0, true), [10, 20, 1, true]],
    ['a bitmap of Pillow', 'image/bmp', honestFile('picture.bmp'), [16, 16, 1, false]],
  ])('%s', async (_, type, bytes, [width, height, frames, gps]) => {
    expect(await look(type, bytes)).toEqual({
      facts: {
        'picture.width': width,
        'picture.height': height,
        'picture.frames': frames,
        'picture.pixels': width * height * frames,
        gps,
      },
    });
  });
});

test.each([
  ['pixels', { pixels: 100_000 }, 307_200],
  ['frames', { frames: 6 }, 7],
])('a picture goes beyond the limit of %s', async (limit, limits, found) => {
  const bytes = png(...(limit === 'frames' ? [chunk('acTL', Buffer.concat([u32(7), u32(0)]))] : []));
  expect((await look('image/png', bytes, { limits })).facts).toMatchObject({
    exceeded: limit,
    'exceeded.found': found,
  });
});

test.each([
  ['image/png', Buffer.from('89504e470d0a1a0a', 'hex')],
  ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
  ['image/gif', Buffer.from('GIF89a')],
  ['image/tiff', Buffer.from('MM\0*\0\0')],
  ['image/heic', box('ftyp', Buffer.from('heic'))],
  ['image/webp', Buffer.from('RIFF\0\0\0\0WEBP')],
  ['image/bmp', Buffer.from('BM')],
  ['image/png', Buffer.alloc(0)],
])('%s without a picture is malformed', async (type, bytes) => {
  expect(await look(type, bytes)).toEqual({ facts: { malformed: 'there is no picture in it' } });
});

test('a GIF that goes on with something else is malformed', async () => {
  const bytes = Buffer.concat([honestFile('picture.gif').subarray(0, -1), Buffer.from('MZ')]);
  expect((await look('image/gif', bytes)).facts.malformed).toMatch(/^byte \d+ begins no block of a GIF$/);
});
