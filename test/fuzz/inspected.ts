import { archive, WORD } from '../corpus/archive.ts';
import { HONEST } from '../corpus/honest.ts';
import { PLAIN_PDF, packOf, pdfOf } from '../corpus/pdf.ts';

export type Original = { readonly name: string; readonly type: string; readonly bytes: Uint8Array };

const SCRIPT = '<< /S /JavaScript /JS (x) >>';
const LARGEST_BYTES = 200_000;

/** The files that are damaged: good ones of every type, and some that have what is looked for. */
export const ORIGINALS: readonly Original[] = [
  ...HONEST.filter(({ bytes }) => bytes.length > 0 && bytes.length <= LARGEST_BYTES),
  {
    name: 'objects in packed streams',
    type: 'application/pdf',
    bytes: pdfOf({ ...PLAIN_PDF, 8: packOf({ 9: SCRIPT, 10: '[ 1 2 ]', 11: '<< /A << /B [ /C ] >> >>' }) }),
  },
  {
    name: 'objects in LZW',
    type: 'application/pdf',
    bytes: pdfOf({ ...PLAIN_PDF, 8: packOf({ 9: SCRIPT }, { filter: '/Filter /LZWDecode' }) }),
  },
  {
    name: 'a document with relationships',
    type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    bytes: archive([
      ...WORD,
      {
        name: 'word/_rels/document.xml.rels',
        content:
          '<Relationships><Relationship Type="a/image" Target="http://a.example/" TargetMode="External"/></Relationships>',
      },
    ]),
  },
  { name: 'rows', type: 'text/csv', bytes: Buffer.from('a;"b\n""c"";";=1+1\n-5;x;y\n'.repeat(40)) },
  {
    name: 'values',
    type: 'application/json',
    bytes: Buffer.from(JSON.stringify({ a: [1, { b: 'é\n' }, null] })),
  },
  { name: 'lines', type: 'application/x-ndjson', bytes: Buffer.from('{"a":1.5e3}\n[true]\n'.repeat(20)) },
  { name: 'wide', type: 'text/plain', bytes: Buffer.from('\ufeffäöü €'.repeat(50), 'utf16le') },
];
