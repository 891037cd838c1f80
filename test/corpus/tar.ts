import { join, latin1 } from './bytes.ts';

export type TarFile = {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** `0`, a file, when absent */
  readonly type?: string;
  readonly target?: string;
  /** what the header says instead of the length of the content */
  readonly size?: number;
  /** the size as a number of base 256, as GNU writes those from 8 GiB on */
  readonly isBase256?: boolean;
};

const BLOCK = 512;

/** One file of a tar archive (POSIX.1-1988), honest or not. */
export function tarFile({ name, content = '', type = '0', target = '', size, isBase256 }: TarFile): Buffer {
  const data = join(content);
  const header = Buffer.alloc(BLOCK);
  const said = size ?? data.length;
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  if (isBase256 === true) {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(said), 128);
  } else header.write(`${said.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(target, 157, 100);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return join(header, data, Buffer.alloc(-data.length & (BLOCK - 1)));
}

/** A tar archive to order. */
export function tar(...files: readonly TarFile[]): Buffer {
  return join(...files.map(tarFile), Buffer.alloc(2 * BLOCK));
}

/** Attributes of the file that follows, as pax writes them. */
export function pax(attributes: Readonly<Record<string, string>>, type: 'x' | 'g' = 'x'): TarFile {
  const records = Object.entries(attributes).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    const digits = String(rest + String(rest + String(rest).length).length).length;
    return `${rest + digits} ${key}=${value}\n`;
  });
  return { name: 'pax', type, content: latin1(Buffer.from(records.join('')).toString('latin1')) };
}
