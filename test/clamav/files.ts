import { crc32, deflateRawSync } from 'node:zlib';

/**
 * The file that scanners find for a test and that harms nobody (https://www.eicar.org). Put together here, so
 * that no scanner finds it in this repository.
 */
export const EICAR = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('-'),
  'latin1',
);

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
