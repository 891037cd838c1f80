import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** Bytes written as text, one character each: `\x89PNG`. */
export function latin1(...parts: readonly string[]): Buffer {
  return Buffer.from(parts.join(''), 'latin1');
}

export function join(...parts: readonly (Uint8Array | string)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

/** A file of the `honest` folder. */
export function honestFile(name: string): Buffer {
  return readFileSync(new URL(`honest/${name}`, import.meta.url));
}

/** Numbers of the given width, little end first, as zip has them. */
function little(...fields: readonly (readonly [value: number, bytes: 2 | 4])[]): Buffer {
  return Buffer.concat(
    fields.map(([value, bytes]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );
}

/**
 * A zip archive of stored entries, with its central directory (APPNOTE.TXT 6.3, sections 4.3.7 to 4.3.16).
 */
export function zip(entries: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const data = join(content);
    const common = little(
      [20, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [0x21, 2],
      [crc32(data), 4],
      [data.length, 4],
      [data.length, 4],
      [name.length, 2],
      [0, 2],
    );
    const local = join(latin1('PK\x03\x04'), common, name, data);
    central.push(
      join(
        latin1('PK\x01\x02'),
        little([20, 2]),
        common,
        little([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]),
        name,
      ),
    );
    locals.push(local);
    offset += local.length;
  }
  const directory = join(...central);
  const count = central.length;
  return join(
    ...locals,
    directory,
    latin1('PK\x05\x06'),
    little([0, 2], [0, 2], [count, 2], [count, 2], [directory.length, 4], [offset, 4], [0, 2]),
  );
}

const OOXML = 'application/vnd.openxmlformats-officedocument';
const RELS = 'http://schemas.openxmlformats.org/package/2006/relationships';

/**
 * The smallest Office Open XML package that opens: content types, one relationship, one part (ECMA-376 part
 * 2).
 */
export function office(part: string, mainType: string, xml: string): Buffer {
  return zip({
    '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/${part}" ContentType="${mainType}.main+xml"/></Types>`,
    '_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="${RELS}"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="${part}"/></Relationships>`,
    [part]: xml,
  });
}

export function docx(): Buffer {
  return office(
    'word/document.xml',
    `${OOXML}.wordprocessingml.document`,
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p/></w:body></w:document>',
  );
}

export function pptx(): Buffer {
  return office(
    'ppt/presentation.xml',
    `${OOXML}.presentationml.presentation`,
    '<p:presentation xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:notesSz cx="1" cy="1"/></p:presentation>',
  );
}

/** The smallest compound file that has these streams, all of them empty ([MS-CFB], sections 2.2 and 2.6). */
export function compound(...streams: readonly string[]): Buffer {
  const entry = (name: string, kind: number): Buffer => {
    const bytes = Buffer.alloc(128);
    bytes.write(name, 0, 'utf16le');
    bytes.writeUInt16LE(name.length * 2 + 2, 64);
    bytes[66] = kind;
    return bytes;
  };
  const header = Buffer.alloc(512);
  header.write('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1');
  header.writeUInt16LE(0x3e, 24);
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt32LE(1, 48);
  const directory = join(entry('Root Entry', 5), ...streams.map((name) => entry(name, 2)));
  return join(header, Buffer.alloc(512, 0xff), directory, Buffer.alloc(-directory.length & 511));
}
