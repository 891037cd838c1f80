import { crc32, deflateRawSync } from 'node:zlib';
import { archive } from './archive.ts';
import { join, latin1 } from './bytes.ts';

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
 * A zip archive whose files share their packed data: each quotes the header of the next one and goes on with
 * that one's data (David Fifield, "A better zip bomb", 2019). It grows with the square of its files.
 */
export function overlapping(files: number, kernelBytes: number): Buffer {
  const kernel = Buffer.alloc(kernelBytes);
  let packed: Buffer = deflateRawSync(kernel, { level: 9 });
  let unpacked: Buffer = kernel;
  let next: Buffer = Buffer.alloc(0);
  const built: { readonly name: string; readonly fields: Buffer; readonly header: Buffer }[] = [];
  for (let index = files - 1; index >= 0; index--) {
    if (next.length > 0) {
      const quote = join(Buffer.from([0]), little([next.length, 2], [~next.length & 0xffff, 2]), next);
      packed = join(quote, packed);
      unpacked = join(next, unpacked);
    }
    const name = `f${index}`;
    const fields = join(
      little([20, 2], [0, 2], [8, 2], [0, 2], [0x21, 2], [crc32(unpacked), 4]),
      little([packed.length, 4], [unpacked.length, 4], [name.length, 2], [0, 2]),
    );
    const header = join(latin1('PK\x03\x04'), fields, name);
    built.unshift({ name, fields, header });
    next = header;
  }
  const body = join(built[0]?.header ?? '', packed);
  let at = 0;
  const directory = join(
    ...built.map(({ name, fields, header }) => {
      const start = at;
      // What quotes the next header takes five bytes before it.
      at += header.length + 5;
      return join(
        latin1('PK\x01\x02'),
        little([20, 2]),
        fields,
        little([0, 2], [0, 2], [0, 2], [0, 4], [start, 4]),
        name,
      );
    }),
  );
  return join(
    body,
    directory,
    latin1('PK\x05\x06'),
    little([0, 2], [0, 2], [files, 2], [files, 2], [directory.length, 4], [body.length, 4], [0, 2]),
  );
}

/** Archives of archives, like 42.zip: `width` in each, `depth` deep, with zeros at the bottom. */
export function nested(depth: number, width: number, zeros: number): Buffer {
  const content = depth === 1 ? Buffer.alloc(zeros) : nested(depth - 1, width, zeros);
  return archive(
    Array.from({ length: width }, (_, index) => ({
      name: depth === 1 ? `${index}.dll` : `${index}.zip`,
      content,
      isDeflated: true,
    })),
  );
}
