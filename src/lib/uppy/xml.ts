import type { Whereabouts } from './answer.ts';
import type { UppyAnswer } from './serve.ts';

// With a page's own `signRequest`, Uppy 6 speaks S3's XML to whatever URL it gets. Ours
// (packages/client/src/uppy.ts) returns these routes instead of S3's for everything but the bytes, so that
// the ledger knows of all that is listed or completed.

/** An answer in S3's form; undefined for one that has no form there. */
export function toS3Body(answer: UppyAnswer, { bucket, apiUrl }: Whereabouts): string | undefined {
  switch (answer.kind) {
    case 'begun':
      return element('InitiateMultipartUploadResult', [
        element('Bucket', bucket),
        element('Key', answer.upload.key),
        element('UploadId', answer.uploadId),
      ]);
    case 'arrived':
      return element(
        'ListPartsResult',
        answer.parts.map(({ partNumber, etag, size }) =>
          element('Part', [
            element('PartNumber', String(partNumber)),
            element('ETag', etag),
            element('Size', String(size)),
          ]),
        ),
      );
    case 'completed':
      return element('CompleteMultipartUploadResult', [
        element('Location', `${apiUrl}/uploads/${answer.upload.id}`),
        element('Bucket', bucket),
        element('Key', answer.upload.key),
      ]);
    case 'aborted':
      return '';
    case 'form':
    case 'signed':
    case 'signed-batch':
      return undefined;
  }
}

function element(name: string, content: string | readonly string[]): string {
  return `<${name}>${typeof content === 'string' ? escapeXml(content) : content.join('')}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}

const PART = /<Part>\s*<PartNumber>(\d{1,5})<\/PartNumber>\s*<ETag>([^<]{0,256})<\/ETag>\s*<\/Part>/g;

/** The parts in the body of S3's CompleteMultipartUpload, as Uppy writes it. Undefined for any other text. */
export function parseCompletion(
  text: string,
): readonly { readonly PartNumber: number; readonly ETag: string }[] | undefined {
  const inner = /^<CompleteMultipartUpload>(.*)<\/CompleteMultipartUpload>$/s.exec(text.trim())?.[1];
  if (inner === undefined || inner.replace(PART, '').trim() !== '') return undefined;
  return [...inner.matchAll(PART)].map(([, number, etag = '']) => ({
    PartNumber: Number(number),
    ETag: etag.replaceAll('&quot;', '"'),
  }));
}
