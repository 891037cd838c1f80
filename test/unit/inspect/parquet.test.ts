import { expect, test } from 'vitest';
import { look } from './file.ts';

const PARQUET = 'application/vnd.apache.parquet';

/** FileMetaData in Thrift's compact protocol: version, schema of a root and two columns, rows, no groups. */
function footerOf(rows: number, after = '1900'): Buffer {
  const root = Buffer.concat([Buffer.from([0x48, 4]), Buffer.from('root'), Buffer.from([0x15, 4, 0])]);
  const column = (name: string) =>
    Buffer.concat([Buffer.from([0x15, 2, 0x25, 0, 0x18, name.length]), Buffer.from(name), Buffer.from([0])]);
  return Buffer.concat([
    Buffer.from([0x15, 4, 0x19, 0x3c]),
    root,
    column('a'),
    column('b'),
    Buffer.from([0x16, rows * 2]),
    Buffer.from(`${after}00`, 'hex'),
  ]);
}

function fileOf(footer: Buffer, magic = 'PAR1', length = footer.length): Buffer {
  const end = Buffer.alloc(4);
  end.writeUInt32LE(length);
  return Buffer.concat([Buffer.from('PAR1data'), footer, end, Buffer.from(magic)]);
}

test('tells the rows and columns of a Parquet file', async () => {
  expect(await look(PARQUET, fileOf(footerOf(7)))).toEqual({
    facts: { 'parquet.rows': 7, 'parquet.columns': 2, encrypted: false },
  });
});

test('tells that the columns are encrypted', async () => {
  // Field 8: a structure.
  expect((await look(PARQUET, fileOf(footerOf(7, '19004c00')))).facts.encrypted).toBe(true);
});

test.each<[string, Buffer, object]>([
  ['damaged', fileOf(Buffer.alloc(40, 0x2d)), { malformed: 'its footer is damaged' }],
  ['cut off', fileOf(footerOf(7).subarray(0, 20)), { malformed: 'its footer is damaged' }],
  [
    'longer than the file',
    fileOf(footerOf(7), 'PAR1', 5000),
    { malformed: 'its footer is longer than the file' },
  ],
  ['missing', Buffer.from('PAR1 and then something'), { malformed: 'its footer is missing' }],
  [
    'without a schema',
    fileOf(Buffer.from('00', 'hex')),
    { malformed: 'its footer does not say how many rows and columns there are' },
  ],
])('tells that a footer is %s', async (_, bytes, facts) => {
  expect(await look(PARQUET, bytes)).toEqual({ facts });
});

test('cannot look into an encrypted footer', async () => {
  expect(await look(PARQUET, fileOf(footerOf(7), 'PARE'))).toEqual({
    facts: { encrypted: true },
    unsupported: 'its footer is encrypted',
  });
});
