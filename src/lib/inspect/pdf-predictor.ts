import type { PdfDictionary } from './pdf-object.ts';

/**
 * Undoes a predictor (ISO 32000-1, section 7.4.4.4): rows of bytes that were stored as differences from their
 * neighbours. Anything that no writer makes is left as it is.
 */
export function unpredict(bytes: Buffer, { inner }: PdfDictionary): Buffer {
  const parms = inner.get('DecodeParms') ?? inner.get('DP');
  const numberOf = (key: string, otherwise: number) => {
    const value = parms?.entries.get(key);
    return value?.is === 'number' ? value.number : otherwise;
  };
  const predictor = numberOf('Predictor', 1);
  const bits = numberOf('Colors', 1) * numberOf('BitsPerComponent', 8);
  const row = Math.ceil((numberOf('Columns', 1) * bits) / 8);
  const step = Math.max(1, Math.ceil(bits / 8));
  if (predictor < 2 || !(row >= 1 && row <= bytes.length)) return bytes;
  return predictor === 2 ? undoTiff(bytes, row, step) : undoPng(bytes, row, step);
}

function undoTiff(bytes: Buffer, row: number, step: number): Buffer {
  const out = Buffer.from(bytes);
  for (let at = 0; at < out.length; at++) {
    if (at % row >= step) out[at] = ((out[at] ?? 0) + (out[at - step] ?? 0)) & 0xff;
  }
  return out;
}

function undoPng(bytes: Buffer, row: number, step: number): Buffer {
  const rows = Math.ceil(bytes.length / (row + 1));
  const out = Buffer.alloc(rows * row);
  let filled = 0;
  for (let index = 0; index < rows; index++) {
    const kind = bytes[index * (row + 1)] ?? 0;
    const from = index * (row + 1) + 1;
    for (let column = 0; column < row && from + column < bytes.length; column++, filled++) {
      const left = column >= step ? (out[filled - step] ?? 0) : 0;
      const up = index > 0 ? (out[filled - row] ?? 0) : 0;
      const corner = column >= step && index > 0 ? (out[filled - row - step] ?? 0) : 0;
      out[filled] = ((bytes[from + column] ?? 0) + toPredicted(kind, left, up, corner)) & 0xff;
    }
  }
  return out.subarray(0, filled);
}

function toPredicted(kind: number, left: number, up: number, corner: number): number {
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  if (kind !== 4) return 0;
  const [byLeft, byUp, byCorner] = [left, up, corner].map((one) => Math.abs(left + up - corner - one)) as [
    number,
    number,
    number,
  ];
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}
