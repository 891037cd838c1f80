import { deflateSync } from 'node:zlib';

/** One object of a PDF: its text, or a dictionary with a stream. */
export type PdfPart = string | { readonly dictionary: string; readonly data: Uint8Array };

/** A PDF of numbered objects, with a table that leads to them. */
export function pdfOf(parts: Readonly<Record<number, PdfPart>>, trailer = ''): Buffer {
  const chunks: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  const places = new Map<number, number>();
  const length = () => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  for (const [number, part] of Object.entries(parts)) {
    places.set(Number(number), length());
    chunks.push(Buffer.from(`${number} 0 obj\n`));
    if (typeof part === 'string') chunks.push(Buffer.from(`${part}\n`, 'latin1'));
    else {
      chunks.push(Buffer.from(`<< ${part.dictionary} /Length ${part.data.length} >>\nstream\n`, 'latin1'));
      chunks.push(Buffer.from(part.data), Buffer.from('\nendstream\n'));
    }
    chunks.push(Buffer.from('endobj\n'));
  }
  const table = [...places].map(([number, at]) => `${number} 1\n${String(at).padStart(10, '0')} 00000 n \n`);
  const start = length();
  chunks.push(
    Buffer.from(
      `xref\n0 1\n0000000000 65535 f \n${table.join('')}trailer\n<< /Root 1 0 R /Size 99 ${trailer} >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(chunks);
}

/** The catalog, the pages and one page: what every PDF has. */
export const PLAIN_PDF: Readonly<Record<number, PdfPart>> = {
  1: '<< /Type /Catalog /Pages 2 0 R >>',
  2: '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
  3: '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>',
};

/** A stream of objects, packed as writers do. */
export function packOf(
  objects: Readonly<Record<number, string>>,
  changes: { readonly filter?: string; readonly pack?: (bytes: Buffer) => Uint8Array } = {},
): PdfPart {
  const { filter = '/Filter /FlateDecode', pack = deflateSync } = changes;
  const bodies = Object.values(objects);
  const places = bodies.map((_, index) => bodies.slice(0, index).join(' ').length + (index > 0 ? 1 : 0));
  const header = Object.keys(objects).map((number, index) => `${number} ${places[index]}`);
  const head = `${header.join(' ')} `;
  return {
    dictionary: `/Type /ObjStm /N ${bodies.length} /First ${head.length} ${filter}`,
    data: pack(Buffer.from(head + bodies.join(' '), 'latin1')),
  };
}
