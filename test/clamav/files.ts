import { crc32, deflateRawSync } from 'node:zlib';
import { eicar } from '../../packages/cli/src/check/eicar.ts';

/** The test file of all scanners, as bytes. */
export const EICAR = Buffer.from(eicar(), 'latin1');

type Entry = {
  readonly name: string;
  readonly content: Uint8Array;
  /** says that it has a password; what is in it stays as it is */
  readonly isEncrypted?: boolean;
};

/** A ZIP whose entries are compressed, so that who does not unpack it finds nothing. */
export function compressedZip(...entries: readonly Entry[]): Buffer {
  let offset = 0;
  const [locals, central]: [Buffer[], Buffer[]] = [[], []];
  for (const { name, content, isEncrypted = false } of entries) {
    const data = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(isEncrypted ? 1 : 0, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([signature('\x01\x02'), version(), common, rest, Buffer.from(name)]));
    const local = Buffer.concat([signature('\x03\x04'), common, Buffer.from(name), data]);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, signature('\x05\x06'), end]);
}

function signature(kind: string) {
  return Buffer.from(`PK${kind}`, 'latin1');
}

function version() {
  return Buffer.from([20, 0]);
}

const OOXML = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';
const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument';

/** A document of Word's that opens, with something embedded. */
export function docxWith(content: Uint8Array): Buffer {
  const part = (name: string, xml: string) => ({ name, content: Buffer.from(`<?xml version="1.0"?>${xml}`) });
  return compressedZip(
    part(
      '[Content_Types].xml',
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="dat" ContentType="application/octet-stream"/><Override PartName="/word/document.xml" ContentType="${OOXML}"/></Types>`,
    ),
    part(
      '_rels/.rels',
      `<Relationships xmlns="${RELATIONSHIPS}"><Relationship Id="a" Type="${OFFICE}" Target="word/document.xml"/></Relationships>`,
    ),
    part(
      'word/document.xml',
      '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p/></w:body></w:document>',
    ),
    { name: 'customXml/item1.dat', content },
  );
}
